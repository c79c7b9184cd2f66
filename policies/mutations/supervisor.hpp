// The supervisor: the privileged container that launches the workspace with Sysbox.
//
// A sidecar container (first in initContainers, restartPolicy Always) or, for clusters before 1.29,
// one of the containers. What the settings say of it is rendered once; the rest describes the
// workspace container in the CODER_* variables that envbox reads (https://github.com/coder/envbox).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policies/model/settings.hpp"
#include "policies/mutations/host_paths.hpp"
#include "policies/mutations/supervisor_variables.hpp"
#include "policies/mutations/supervisor_volumes.hpp"
#include "policies/rule.hpp"

namespace cvm {

// As true root, whatever the pod's own securityContext says, since envbox runs as nothing else; as
// JSON.
inline constexpr std::string_view kSupervisorSecurityContext =
    R"({"privileged":true,"runAsUser":0,"runAsGroup":0,"runAsNonRoot":false})";

bool is_supervisor_security_context(const SecurityContext& context);

class SupervisorTemplate {
 public:
  SupervisorTemplate(const Settings& settings, const std::vector<HostPathPart>& host_paths);

  // Appends the container as JSON.
  void render(const PodContext& context, std::string& out) const;

  // Whether `container` is what render() gives for this pod. Passes over what the API server and
  // known injectors add to any container, and refuses everything else.
  bool matches(const Container& container, const PodContext& context) const;

  // Goes on hashing what the supervisor is told of the pod; the rest is in settings_text().
  std::uint64_t hash_pod(const PodContext& context, std::uint64_t state) const;
  std::string settings_text() const;

  ContainerKind kind() const { return kind_; }
  const SupervisorVolumes& volumes() const { return volumes_; }

 private:
  template <typename Visit>
  void for_each_variable(const PodContext& context, Visit&& visit) const;

  bool same_environment(const Container& container, const PodContext& context) const;
  bool same_mounts(const Container& container, const PodContext& context) const;
  bool same_resources(const Container& container) const;

  ContainerKind kind_;
  SupervisorSettings settings_;
  SupervisorVariables variables_;
  std::string usr_lib_dir_;
  SupervisorVolumes volumes_;
  std::string prefix_;  // up to the first variable
  std::string suffix_;  // from after the last variable to the first mount
};

}  // namespace cvm
