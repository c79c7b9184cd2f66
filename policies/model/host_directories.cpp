#include "policies/model/host_directories.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace cvm {

namespace {

// All that is in them is the node's: the supervisor's host paths (hostPaths), by both of their
// names, and what kubelet, container engines and the kernel keep.
constexpr std::array<std::string_view, 28> kWholeDirectories = {"/usr/src",
                                                                "/lib/modules",
                                                                "/usr/lib/modules",
                                                                "/var/run",
                                                                "/run",
                                                                "/proc",
                                                                "/sys",
                                                                "/dev",
                                                                "/etc",
                                                                "/boot",
                                                                "/root",
                                                                "/bin",
                                                                "/sbin",
                                                                "/lib",
                                                                "/lib64",
                                                                "/usr",
                                                                "/opt/cni",
                                                                "/var/log",
                                                                "/var/spool",
                                                                "/var/lib/kubelet",
                                                                "/var/lib/sysbox",
                                                                "/var/lib/docker",
                                                                "/var/lib/containerd",
                                                                "/var/lib/containers",
                                                                "/var/lib/crio",
                                                                "/var/lib/etcd",
                                                                "/var/lib/cni",
                                                                "/var/lib/rancher/k3s/agent"};

// A provisioner of local storage may keep its volumes below, as k3s does.
constexpr std::string_view kStateDirectory = "/var/lib";

// Whether `path` is `directory` or above it.
bool is_at_or_above(std::string_view path, std::string_view directory) {
  return path == "/" || (directory.starts_with(path) &&
                         (directory.size() == path.size() || directory[path.size()] == '/'));
}

}  // namespace

std::string normal_path(std::string_view path) {
  std::vector<std::string_view> names;
  while (!path.empty()) {
    const std::string_view name = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), name.size() + 1));
    if (name.empty() || name == ".") continue;
    if (name != "..") {
      names.push_back(name);
    } else if (!names.empty()) {
      names.pop_back();
    }
  }
  std::string result;
  for (std::string_view name : names) {
    result += '/';
    result += name;
  }
  return result.empty() ? "/" : result;
}

bool holds_host_directory(std::string_view path) {
  const std::string normal = normal_path(path);
  return is_at_or_above(normal, kStateDirectory) ||
         std::any_of(kWholeDirectories.begin(), kWholeDirectories.end(),
                     [&normal](std::string_view directory) {
                       return is_at_or_above(normal, directory) ||
                              is_at_or_above(directory, normal);
                     });
}

}  // namespace cvm
