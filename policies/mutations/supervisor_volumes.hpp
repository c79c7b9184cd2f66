// The volumes of a supervisor and where it mounts them: the host paths, the NVIDIA libraries for
// GPU pods, and what envbox and Sysbox keep, none of which may be on the overlay that a container's
// root is.
//
//   /var/lib/sysbox            an emptyDir: Sysbox deletes what it finds there when it starts
//   /var/lib/coder/docker      images and containers of the inner Docker
//   /var/lib/coder/containers  the same of the inner Podman
//   /var/lib/docker            the inner container itself, and its image
//   /var/lib/containers
//
// The last four are directories
//   - of the volume that the pod's annotation cvm-webhook.io/cache-volume names: the inner ones
//     always, the supervisor's own where settings.supervisor.images_on_cache_volume says so; else
//   - with caching, of the node's /var/lib: cvm-cache/<namespace>/<workspace>/, where the workspace
//     is what the pod's annotation cvm-webhook.io/cache-key says, or else the pod's name; else
//   - of an emptyDir.
//
// A supervisor beside the workspace gets no service account's token, unless the settings give it
// one: the API server puts it into every container that mounts nothing at its path.
#pragma once

#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policies/model/pod_view.hpp"
#include "policies/model/settings.hpp"
#include "policies/mutations/host_paths.hpp"
#include "policies/mutations/supervisor_variables.hpp"

namespace cvm {

// Annotation on a pod: the volume of its own that holds what is to outlive it.
inline constexpr std::string_view kCacheVolumeAnnotation = "cvm-webhook.io/cache-volume";
// Annotation on a pod: whose cache of the node it gets, within its namespace; a DNS label.
inline constexpr std::string_view kCacheKeyAnnotation = "cvm-webhook.io/cache-key";
// In such a volume and in the node's /var/lib, the directory with all of it.
inline constexpr std::string_view kCacheDirectory = "cvm-cache";

inline constexpr std::string_view kSysboxVolume = "cvm-sysbox";
inline constexpr std::string_view kCacheVolume = "cvm-cache";
inline constexpr std::string_view kNoTokenVolume = "cvm-no-token";
inline constexpr std::string_view kUsrLibVolume = "cvm-usr-lib";

// A mount of the supervisor's own. Views: into the pod, the settings or static storage.
struct OwnMount {
  std::string_view volume;
  std::string_view mount_path;
  std::string_view sub_path;
  std::string_view sub_path_expr = {};
  bool read_only = false;
  bool recursive = false;  // read-only with what is mounted below, where the node can
};

bool is_own_mount(const VolumeMount& mount, const OwnMount& own);
// Appends it as an element of a container's volumeMounts, as JSON.
void append_own_mount(std::string& json, const OwnMount& own);

// What is wrong with the pod's cache key, "what is wrong; what to do"; empty: nothing.
std::string cache_key_problem(const PodView& pod);

class SupervisorVolumes {
 public:
  SupervisorVolumes(const Settings& settings, const std::vector<HostPathPart>& host_paths);

  // The libraries of GPU pods; empty where the settings name none, and but for placement wrap.
  const std::optional<HostPathPart>& usr_lib() const { return usr_lib_; }

  // The emptyDirs among the pod's volumes.
  std::vector<std::string_view> empty_dirs() const;

  // Appends what the supervisor of `pod` must mount. `wrapped`: the workspace container that is or
  // will be the supervisor, null with another placement; `is_wrapped`: its mounts are where the
  // supervisor has them. `has_gpu`: it requests one of NVIDIA's.
  void append_mounts(const PodView& pod, const Container* wrapped, bool is_wrapped, bool has_gpu,
                     std::pmr::vector<OwnMount>& mounts) const;

  // Calls give(SupervisorVariable) for those that the mounts refer to.
  template <typename Give>
  void for_each_variable(const PodView& pod, Give&& give) const {
    if (!caching_) return;
    using Source = SupervisorVariable::Source;
    give(SupervisorVariable{kNamespaceVariable, "metadata.namespace", Source::kField});
    if (const auto key = cache_key(pod)) {
      give(SupervisorVariable{kWorkspaceVariable, *key});
    } else {
      give(SupervisorVariable{kWorkspaceVariable, "metadata.name", Source::kField});
    }
  }

  // Why the pod's volume for caches cannot be that, "what is wrong; what to do"; empty: it can.
  // `supervisor`: the container that has these mounts already, or null.
  std::string cache_volume_problem(const PodView& pod, const Container* supervisor) const;

 private:
  // Names that placement wrap takes from the user's variables (obeyed_variables.cpp).
  static constexpr std::string_view kNamespaceVariable = "CODER_CVM_NAMESPACE";
  static constexpr std::string_view kWorkspaceVariable = "CODER_CVM_WORKSPACE";

  static std::optional<std::string_view> cache_key(const PodView& pod);

  bool images_on_cache_volume_, caching_, hides_token_;
  std::vector<HostPathPart> host_paths_;
  std::optional<HostPathPart> usr_lib_;
};

}  // namespace cvm
