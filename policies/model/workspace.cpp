#include "policies/model/workspace.hpp"

namespace cvm {

const Container* find_workspace_container(const PodView& pod, std::string_view name) {
  for (const Container& container : pod.containers) {
    if (container.name == name && name != kSupervisorName) return &container;
  }
  return nullptr;
}

const Container* workspace_container(const PodView& pod) {
  for (std::string_view key : {kWorkspaceContainerAnnotation, kDefaultContainerAnnotation}) {
    const auto name = pod.annotations.find(key);
    if (!name) continue;
    if (const Container* named = find_workspace_container(pod, *name)) return named;
  }
  for (const Container& container : pod.containers) {
    if (container.name != kSupervisorName) return &container;
  }
  return nullptr;
}

}  // namespace cvm
