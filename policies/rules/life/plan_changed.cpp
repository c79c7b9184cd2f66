// Refuses changes of what makes a pod a CVM, while it runs: by another image or other resources of
// the supervisor, users would reach the privileged part of their pod.
// What the API server itself never lets change is compared as well.
#include <fmt/format.h>

#include "policies/model/container_comparison.hpp"
#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/model/workspace.hpp"
#include "policies/mutations/user_namespace.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

void add(std::string what, std::string field, Problems& problems) {
  problems.push_back({fmt::format("{} is part of what makes this pod a CVM and cannot be changed "
                                  "while it runs; leave it as it is, or make a new pod",
                                  std::move(what)),
                      std::move(field)});
}

void check_supervisor(const PodChange& change, Problems& problems) {
  const std::string_view name = supervisor_name(change.before);
  const Container* before = find_container(change.before, name);
  const Container* after = find_container(change.after, name);
  if (before == nullptr) return;  // another name is reserved-name's to refuse
  // A wrapped container has the workspace's own resources.
  const Resources resources =
      change.before.annotations.find(kSupervisorAnnotation) ? Resources::kAny : Resources::kSame;
  if (after != nullptr && same_container(*before, *after, resources)) return;
  add(fmt::format("container {}", quoted(name)), field_path(*before), problems);
}

void check_volumes(const PodChange& change, Problems& problems) {
  for (const Volume& before : change.before.volumes) {
    if (!before.name.starts_with(kReservedPrefix)) continue;
    bool is_there = false;
    for (const Volume& after : change.after.volumes) is_there |= same_volume(before, after);
    if (!is_there) add("volume " + quoted(before.name), "spec.volumes", problems);
  }
}

// Of a CVM of mode native; spec.hostUsers nobody can change.
void check_user_namespace(const PodChange& change, Problems& problems) {
  if (!supervisor_name(change.before).empty()) return;
  if (change.before.annotations.find(kUsernsModeAnnotation) ==
      change.after.annotations.find(kUsernsModeAnnotation)) {
    return;
  }
  add(fmt::format("annotation {}", quoted(kUsernsModeAnnotation)),
      fmt::format("metadata.annotations[{}]", kUsernsModeAnnotation), problems);
}

void check_plan_changed(const PodChange& change, Problems& problems) {
  if (change.before.runtime_class_name != change.after.runtime_class_name) {
    add("runtimeClassName", "spec.runtimeClassName", problems);
  }
  for (std::string_view key : {kPlanAnnotation, kProfileAnnotation, kWorkspaceContainerAnnotation,
                               kSupervisorAnnotation}) {
    if (change.before.annotations.find(key) != change.after.annotations.find(key)) {
      add(fmt::format("annotation {}", quoted(key)), fmt::format("metadata.annotations[{}]", key),
          problems);
    }
  }
  check_user_namespace(change, problems);
  // It changes nothing any more, and would say otherwise.
  if (change.before.labels.find(kProfileLabel) != change.after.labels.find(kProfileLabel)) {
    add("label " + quoted(kProfileLabel), fmt::format("metadata.labels[{}]", kProfileLabel),
        problems);
  }
  check_supervisor(change, problems);
  check_volumes(change, problems);
}

}  // namespace

constinit const PodChangeRule rules::plan_changed{
    .descriptor =
        {.id = "plan-changed",
         .summary = "A change of a running CVM touches its supervisor, its volumes, its "
                    "RuntimeClass or its plan",
         .calls = {RuleCall::kPodChange, RuleCall::kBinding},
         .guards_supervisor = true,
         .explanation =
             {.checks = "A change of a running CVM's spec.runtimeClassName, its supervisor, its "
                        "volumes cvm-*, the annotations and labels of cvm-webhook that say what it "
                        "is, or, in mode native, CRI-O's annotation for the user namespace.",
              .why = "By another image or other resources of the supervisor, users would reach the "
                     "privileged part of their pod.",
              .fix = "Leave these parts as they are, or make a new pod.",
              .fields = {"spec.runtimeClassName", "spec.initContainers", "spec.containers",
                         "spec.volumes", "metadata.annotations[cvm-webhook.io/plan]",
                         "metadata.annotations[cvm-webhook.io/profile]",
                         "metadata.annotations[cvm-webhook.io/supervisor]",
                         "metadata.annotations[cvm-webhook.io/workspace-container]",
                         "metadata.annotations[io.kubernetes.cri-o.userns-mode]",
                         "metadata.labels[cvm-webhook.io/profile]"},
              .settings = {"isolation.breakGlass"},
              .sources = {"README.md"}}},
    .check = check_plan_changed,
};

}  // namespace cvm
