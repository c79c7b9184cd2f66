// The volumes of a wrapped supervisor and where it mounts them: the host paths, the NVIDIA
// libraries for GPU pods, and what envbox keeps.
//
//   /var/lib/sysbox            an emptyDir
//   /var/lib/coder/docker      images and containers of the inner Docker
//   /var/lib/coder/containers  the same of the inner Podman
//   /var/lib/docker            the inner container itself, and its image; not with caching on,
//   where /var/lib/containers        both are in the node's /var/lib
//
// The last four are directories of an emptyDir, or of the volume that the pod's annotation
// cvm-webhook.io/cache-volume names: the inner ones always, the supervisor's own where
// settings.supervisor.images_on_cache_volume says so.
#pragma once

#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policies/model/pod_view.hpp"
#include "policies/model/settings.hpp"
#include "policies/mutations/host_paths.hpp"

namespace cvm {

// Annotation on a pod: the volume of its own that holds what is to outlive it.
inline constexpr std::string_view kCacheVolumeAnnotation = "cvm-webhook.io/cache-volume";
// In that volume, the directory with all of it.
inline constexpr std::string_view kCacheDirectory = "cvm-cache";

inline constexpr std::string_view kSysboxVolume = "cvm-sysbox";
inline constexpr std::string_view kCacheVolume = "cvm-cache";
inline constexpr std::string_view kUsrLibVolume = "cvm-usr-lib";

// A mount of the supervisor's own. Views: into the pod, the settings or static storage.
struct OwnMount {
  std::string_view volume;
  std::string_view mount_path;
  std::string_view sub_path;
  bool read_only = false;
};

bool is_own_mount(const VolumeMount& mount, const OwnMount& own);
// Appends it as an element of a container's volumeMounts, as JSON.
void append_own_mount(std::string& json, const OwnMount& own);

class WrapVolumes {
 public:
  WrapVolumes(const Settings& settings, const std::vector<HostPathPart>& host_paths);

  // The libraries of GPU pods; empty where the settings name none.
  const std::optional<HostPathPart>& usr_lib() const { return usr_lib_; }

  // Appends what the container of `pod` must mount. `is_wrapped`: its mounts are where the
  // supervisor has them. `has_gpu`: it requests one of NVIDIA's.
  void append_mounts(const PodView& pod, const Container& container, bool is_wrapped, bool has_gpu,
                     std::pmr::vector<OwnMount>& mounts) const;

  // Why the pod's volume for caches cannot be that, "what is wrong; what to do"; empty: it can.
  // `wrapped`: the container that has these mounts already, or null.
  std::string cache_volume_problem(const PodView& pod, const Container* wrapped) const;

 private:
  bool images_on_cache_volume_, caching_;
  std::vector<HostPathPart> host_paths_;
  std::optional<HostPathPart> usr_lib_;
};

}  // namespace cvm
