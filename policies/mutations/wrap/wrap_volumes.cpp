#include "policies/mutations/wrap/wrap_volumes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "policies/model/host_volumes.hpp"
#include "policies/model/json_text.hpp"
#include "policies/model/text.hpp"
#include "policies/mutations/supervisor_variables.hpp"
#include "policies/mutations/wrap/inner_mounts.hpp"

namespace cvm {

namespace {

struct Store {
  std::string_view path, directory;
  std::string_view directory_on_cache;  // of the volume that the pod names
  std::string_view inner_path;          // empty: the supervisor's own
};

constexpr Store kStores[] = {
    {"/var/lib/coder/docker", "inner-docker", "cvm-cache/inner-docker", "/var/lib/docker"},
    {"/var/lib/coder/containers", "inner-containers", "cvm-cache/inner-containers",
     "/var/lib/containers"},
    {"/var/lib/docker", "docker", "cvm-cache/docker", {}},
    {"/var/lib/containers", "containers", "cvm-cache/containers", {}},
};

// Whether the workspace brings a volume of its own for the store.
bool is_taken(const Container& container, const Store& store, const OwnMount& own,
              bool is_wrapped) {
  if (store.inner_path.empty()) return false;
  return std::any_of(container.volume_mounts.begin(), container.volume_mounts.end(),
                     [&](const VolumeMount& mount) {
                       if (!is_wrapped) return mount.mount_path == store.inner_path;
                       return mount.mount_path == store.path && !is_own_mount(mount, own);
                     });
}

// Whether a mount could show what is in kCacheDirectory. Below the first directory of a path, links
// that the user made could lead there.
bool shows_cache(const VolumeMount& mount) {
  return !mount.sub_path_expr.empty() || mount.sub_path.empty() || mount.sub_path == "." ||
         mount.sub_path == kCacheDirectory || mount.sub_path.find('/') != std::string_view::npos;
}

// Whether both volumes are the same disk.
bool is_same_disk(const Volume& one, const Volume& other, const PodView& pod) {
  if (one.name == other.name) return true;
  const std::string claim = claim_of(one, pod);
  return !claim.empty() && claim == claim_of(other, pod);
}

// Whether it is as append_mounts() has it.
bool is_store(const VolumeMount& mount) {
  return std::any_of(std::begin(kStores), std::end(kStores), [&mount](const Store& store) {
    return mount.mount_path == store.path && mount.sub_path_expr.empty() &&
           mount.sub_path == store.directory_on_cache;
  });
}

}  // namespace

bool is_own_mount(const VolumeMount& mount, const OwnMount& own) {
  return mount.name == own.volume && mount.mount_path == own.mount_path &&
         mount.sub_path == own.sub_path && mount.read_only == own.read_only &&
         mount.sub_path_expr.empty() && mount.mount_propagation.empty() &&
         mount.recursive_read_only.empty();
}

void append_own_mount(std::string& json, const OwnMount& own) {
  json += '{';
  append_json_member(json, "name", own.volume);
  append_json_member(json, "mountPath", own.mount_path);
  if (!own.sub_path.empty()) append_json_member(json, "subPath", own.sub_path);
  if (own.read_only) json += R"(,"readOnly":true)";
  json += '}';
}

WrapVolumes::WrapVolumes(const Settings& settings, const std::vector<HostPathPart>& host_paths)
    : images_on_cache_volume_(settings.supervisor.images_on_cache_volume),
      caching_(settings.caching),
      host_paths_(host_paths) {
  if (settings.gpu.usr_lib_dir.empty()) return;
  usr_lib_ = HostPathPart{.volume_name = std::string(kUsrLibVolume),
                          .host_path = settings.gpu.usr_lib_dir,
                          .type = "Directory",
                          .mount_path = std::string(kUsrLibMountPath),
                          .read_only = true};
}

void WrapVolumes::append_mounts(const PodView& pod, const Container& container, bool is_wrapped,
                                bool has_gpu, std::pmr::vector<OwnMount>& mounts) const {
  mounts.reserve(host_paths_.size() + 2 + std::size(kStores));
  const auto add = [&mounts](const HostPathPart& part) {
    mounts.push_back({part.volume_name, part.mount_path, {}, part.read_only});
  };
  for (const HostPathPart& part : host_paths_) add(part);
  if (has_gpu && usr_lib_) add(*usr_lib_);
  mounts.push_back({kSysboxVolume, "/var/lib/sysbox", {}});
  const auto named = pod.annotations.find(kCacheVolumeAnnotation);
  for (const Store& store : kStores) {
    const bool is_inner = !store.inner_path.empty();
    if (!is_inner && caching_) continue;
    OwnMount own{kCacheVolume, store.path, store.directory};
    if (named && (is_inner || images_on_cache_volume_)) {
      own.volume = *named;
      own.sub_path = store.directory_on_cache;
    }
    if (!is_taken(container, store, own, is_wrapped)) mounts.push_back(own);
  }
}

std::string WrapVolumes::cache_volume_problem(const PodView& pod, const Container* wrapped) const {
  const auto name = pod.annotations.find(kCacheVolumeAnnotation);
  if (!name) return {};
  const Volume* volume = find_volume(pod, *name);
  constexpr std::string_view kSources[] = {"persistentVolumeClaim", "ephemeral", "emptyDir"};
  if (volume == nullptr ||
      std::find(std::begin(kSources), std::end(kSources), volume->source) == std::end(kSources)) {
    return fmt::format(
        "the annotation {} names {}, which is no persistentVolumeClaim, ephemeral or emptyDir "
        "volume of the pod; name one that is",
        kCacheVolumeAnnotation, quoted(*name));
  }
  if (!images_on_cache_volume_) return {};
  std::string problem;
  pod.for_each_container([&](const Container& container) {
    for (const VolumeMount& mount : container.volume_mounts) {
      if (!problem.empty() || !shows_cache(mount)) continue;
      const Volume* mounted = find_volume(pod, mount.name);
      if (mounted == nullptr || !is_same_disk(*mounted, *volume, pod)) continue;
      if (&container == wrapped && mount.name == *name && is_store(mount)) continue;
      problem = fmt::format(
          "container {} mounts volume {}, which also holds what the supervisor runs; give the "
          "mount a subPath of one directory other than {}",
          quoted(container.name), quoted(mount.name), kCacheDirectory);
    }
  });
  return problem;
}

}  // namespace cvm
