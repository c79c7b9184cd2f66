#include "policies/model/workspace.hpp"

#include "policies/model/pod_view.hpp"

namespace cvm {

bool wants_cvm(const PodView& pod, const Settings& settings) {
  return wants_cvm(pod.labels, settings);
}

bool wants_cvm(const KeyValues& labels, const Settings& settings) {
  const auto label = labels.find(kCvmLabel);
  if (label == "true") return true;
  if (label == "false") return false;
  return settings.default_to_cvm;
}

bool has_plan(const PodView& pod) { return pod.annotations.find(kPlanAnnotation).has_value(); }

const Container* find_container(const PodView& pod, std::string_view name) {
  const Container* found = nullptr;
  pod.for_each_container([&](const Container& container) {
    if (found == nullptr && container.name == name) found = &container;
  });
  return found;
}

bool is_cvm_pod(const PodView& pod) {
  return has_plan(pod) || find_container(pod, kSupervisorName) != nullptr;
}

std::string_view supervisor_name(const PodView& pod) {
  // The name is reserved, and goes before what could have been written afterwards.
  if (find_container(pod, kSupervisorName) != nullptr) return kSupervisorName;
  return pod.annotations.find(kSupervisorAnnotation).value_or(std::string_view());
}

const Container* find_workspace_container(const PodView& pod, std::string_view name) {
  for (const Container& container : pod.containers) {
    if (container.name == name && name != kSupervisorName) return &container;
  }
  return nullptr;
}

const Container* workspace_container(const PodView& pod) {
  // Whatever another webhook has added since: no second container is wrapped.
  if (const auto wrapped = pod.annotations.find(kSupervisorAnnotation)) {
    if (const Container* named = find_workspace_container(pod, *wrapped)) return named;
  }
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
