#include "policies/model/pod_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace cvm {

bool is_mounted_read_only(const Volume& volume) {
  constexpr std::string_view kSources[] = {"configMap", "secret", "projected", "downwardAPI",
                                           "image"};
  return volume.read_only ||
         std::find(std::begin(kSources), std::end(kSources), volume.source) != std::end(kSources);
}

std::string_view to_string(LifecycleAction::Kind kind) {
  switch (kind) {
    case LifecycleAction::Kind::kNone:
      return "";
    case LifecycleAction::Kind::kExec:
      return "exec";
    case LifecycleAction::Kind::kHttpGet:
      return "httpGet";
    case LifecycleAction::Kind::kTcpSocket:
      return "tcpSocket";
    case LifecycleAction::Kind::kGrpc:
      return "grpc";
    case LifecycleAction::Kind::kSleep:
      return "sleep";
  }
  return "";
}

const Volume* find_volume(const PodView& pod, std::string_view name) {
  const auto found = std::find_if(pod.volumes.begin(), pod.volumes.end(),
                                  [name](const Volume& one) { return one.name == name; });
  return found == pod.volumes.end() ? nullptr : &*found;
}

std::string claim_of(const Volume& volume, const PodView& pod) {
  if (volume.source != "ephemeral") return std::string(volume.claim_name);
  return fmt::format("{}-{}", pod.name, volume.name);
}

std::string field_path(const Container& container) {
  std::string path;
  switch (container.kind) {
    case ContainerKind::kInit:
      path = "spec.initContainers[";
      break;
    case ContainerKind::kRegular:
      path = "spec.containers[";
      break;
    case ContainerKind::kEphemeral:
      path = "spec.ephemeralContainers[";
      break;
  }
  path += std::to_string(container.index);
  path += ']';
  return path;
}

}  // namespace cvm
