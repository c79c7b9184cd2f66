#include "policies/mutations/supervisor_volumes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "policies/model/dns_name.hpp"
#include "policies/model/host_volumes.hpp"
#include "policies/model/json_text.hpp"
#include "policies/model/text.hpp"
#include "policies/mutations/wrap/inner_mounts.hpp"

namespace cvm {

namespace {

struct Store {
  std::string_view path, directory;
  std::string_view directory_on_cache;  // of the volume that the pod names
  std::string_view directory_on_node;   // of the node's /var/lib
  std::string_view inner_path;          // empty: the supervisor's own
};

constexpr Store kStores[] = {
    {"/var/lib/coder/docker", "inner-docker", "cvm-cache/inner-docker",
     "cvm-cache/$(CODER_CVM_NAMESPACE)/$(CODER_CVM_WORKSPACE)/inner-docker", "/var/lib/docker"},
    {"/var/lib/coder/containers", "inner-containers", "cvm-cache/inner-containers",
     "cvm-cache/$(CODER_CVM_NAMESPACE)/$(CODER_CVM_WORKSPACE)/inner-containers",
     "/var/lib/containers"},
    {"/var/lib/docker",
     "docker",
     "cvm-cache/docker",
     "cvm-cache/$(CODER_CVM_NAMESPACE)/$(CODER_CVM_WORKSPACE)/docker",
     {}},
    {"/var/lib/containers",
     "containers",
     "cvm-cache/containers",
     "cvm-cache/$(CODER_CVM_NAMESPACE)/$(CODER_CVM_WORKSPACE)/containers",
     {}},
};

// Where the API server mounts the token (kubernetes, plugin/pkg/admission/serviceaccount).
constexpr std::string_view kTokenPath = "/var/run/secrets/kubernetes.io/serviceaccount";

constexpr std::string_view kIfPossible = "IfPossible";

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

// An API server before Kubernetes 1.31 drops recursiveReadOnly.
bool is_own_mount(const VolumeMount& mount, const OwnMount& own) {
  return mount.name == own.volume && mount.mount_path == own.mount_path &&
         mount.sub_path == own.sub_path && mount.sub_path_expr == own.sub_path_expr &&
         mount.read_only == own.read_only && mount.mount_propagation.empty() &&
         (mount.recursive_read_only.empty() ||
          (own.recursive && mount.recursive_read_only == kIfPossible));
}

void append_own_mount(std::string& json, const OwnMount& own) {
  json += '{';
  append_json_member(json, "name", own.volume);
  append_json_member(json, "mountPath", own.mount_path);
  if (!own.sub_path.empty()) append_json_member(json, "subPath", own.sub_path);
  if (!own.sub_path_expr.empty()) append_json_member(json, "subPathExpr", own.sub_path_expr);
  // The API server leaves out a false readOnly; so that both look alike, so do we.
  if (own.read_only) json += R"(,"readOnly":true)";
  if (own.recursive) append_json_member(json, "recursiveReadOnly", kIfPossible);
  json += '}';
}

std::optional<std::string_view> SupervisorVolumes::cache_key(const PodView& pod) {
  const auto key = pod.annotations.find(kCacheKeyAnnotation);
  return key && is_dns_label(*key) ? key : std::nullopt;
}

std::string cache_key_problem(const PodView& pod) {
  const auto key = pod.annotations.find(kCacheKeyAnnotation);
  if (!key || is_dns_label(*key)) return {};
  return fmt::format(
      "the annotation {} is {}, which names no directory; give it at most 63 lower case letters, "
      "digits and dashes, a letter or digit at both ends, or leave it out for the pod's name",
      kCacheKeyAnnotation, quoted(*key));
}

SupervisorVolumes::SupervisorVolumes(const Settings& settings,
                                     const std::vector<HostPathPart>& host_paths)
    : images_on_cache_volume_(settings.supervisor.images_on_cache_volume),
      caching_(settings.caching),
      hides_token_(settings.supervisor.placement != Placement::kWrap &&
                   !settings.supervisor.service_account_token),
      host_paths_(host_paths) {
  if (settings.gpu.usr_lib_dir.empty() || settings.supervisor.placement != Placement::kWrap) return;
  usr_lib_ = HostPathPart{.volume_name = std::string(kUsrLibVolume),
                          .host_path = settings.gpu.usr_lib_dir,
                          .type = "Directory",
                          .mount_path = std::string(kUsrLibMountPath),
                          .read_only = true};
}

std::vector<std::string_view> SupervisorVolumes::empty_dirs() const {
  std::vector<std::string_view> names = {kSysboxVolume};
  if (!caching_) names.push_back(kCacheVolume);
  if (hides_token_) names.push_back(kNoTokenVolume);
  return names;
}

void SupervisorVolumes::append_mounts(const PodView& pod, const Container* wrapped, bool is_wrapped,
                                      bool has_gpu, std::pmr::vector<OwnMount>& mounts) const {
  mounts.reserve(host_paths_.size() + 3 + std::size(kStores));
  const auto add = [&mounts](const HostPathPart& part) {
    mounts.push_back({.volume = part.volume_name,
                      .mount_path = part.mount_path,
                      .sub_path = {},
                      .read_only = part.read_only,
                      .recursive = part.recursive});
  };
  for (const HostPathPart& part : host_paths_) add(part);
  if (has_gpu && usr_lib_) add(*usr_lib_);
  if (hides_token_) {
    mounts.push_back({kNoTokenVolume, kTokenPath, {}, {}, /*read_only=*/true});
  }
  mounts.push_back({kSysboxVolume, "/var/lib/sysbox", {}});
  const auto named = pod.annotations.find(kCacheVolumeAnnotation);
  for (const Store& store : kStores) {
    OwnMount own{kCacheVolume, store.path, store.directory};
    if (named && (!store.inner_path.empty() || images_on_cache_volume_)) {
      own.volume = *named;
      own.sub_path = store.directory_on_cache;
    } else if (caching_) {
      own.volume = kVarLibVolume;
      own.sub_path = {};
      own.sub_path_expr = store.directory_on_node;
    }
    if (wrapped == nullptr || !is_taken(*wrapped, store, own, is_wrapped)) mounts.push_back(own);
  }
}

std::string SupervisorVolumes::cache_volume_problem(const PodView& pod,
                                                    const Container* supervisor) const {
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
      if (&container == supervisor && mount.name == *name && is_store(mount)) continue;
      problem = fmt::format(
          "container {} mounts volume {}, which also holds what the supervisor runs; give the "
          "mount a subPath of one directory other than {}",
          quoted(container.name), quoted(mount.name), kCacheDirectory);
    }
  });
  return problem;
}

}  // namespace cvm
