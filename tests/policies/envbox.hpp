// Envbox on paper: what it would make of a container, read from its source
// (https://github.com/coder/envbox, cli/docker.go at 8b99d48). It stands for the real one, which
// needs a privileged container and a kernel with Sysbox.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace cvm::testing {

struct InnerMount {
  std::string volume, sub_path, sub_path_expr;  // of the pod's volume
  std::string path;                             // in the inner container
  bool read_only = false;
  bool users = false;  // the inner user may write to it: envbox gave it to them

  auto operator<=>(const InnerMount&) const = default;
};

struct InnerContainer {
  std::string image, user, hostname, working_dir;
  std::string script;                               // that is fed to /bin/sh -s
  std::map<std::string, nlohmann::json> variables;  // name -> the env entry of the pod
  std::vector<std::string> prefixes;                // of envFrom whose variables are passed on
  std::vector<InnerMount> mounts;                   // but for those of volumes named cvm-*
};

// `container`: as it stands in a pod. Throws std::runtime_error where envbox would end with an
// error.
InnerContainer run_envbox(const nlohmann::json& container);

}  // namespace cvm::testing
