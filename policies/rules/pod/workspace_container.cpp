// Refuses a pod whose annotation names a workspace container that the pod does not have, rather
// than make a CVM of another container than the one that was meant.
// Where the rule is weakened, the workspace container is found as if the annotation were absent.
#include <fmt/format.h>

#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/model/workspace.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

std::string names_of(const PodView& pod) {
  constexpr std::size_t kMost = 10;
  std::vector<std::string> names;
  for (const Container& container : pod.containers) {
    if (container.name != kSupervisorName) names.push_back(readable(container.name));
  }
  return list_some(names, kMost);
}

void check_workspace_container(const PodContext& context, Problems& problems) {
  const auto name = context.pod.annotations.find(kWorkspaceContainerAnnotation);
  if (!name || find_workspace_container(context.pod, *name) != nullptr) return;
  problems.push_back({fmt::format("the annotation cvm-webhook.io/workspace-container names {}, "
                                  "which is none of the pod's containers; name one of: {}",
                                  quoted(*name), names_of(context.pod)),
                      "metadata.annotations[cvm-webhook.io/workspace-container]"});
}

}  // namespace

constinit const PodRule rules::workspace_container{
    .descriptor =
        {.id = "workspace-container",
         .summary = "The annotation cvm-webhook.io/workspace-container names no container "
                    "of the pod",
         .calls = kPodRuleCalls,
         .explanation =
             {.checks = "The annotation cvm-webhook.io/workspace-container names none of "
                        "spec.containers.",
              .why =
                  "A CVM would be made of another container than the one that was meant. Where the "
                  "rule is weakened, the container is found as if the annotation were absent.",
              .fix = "Name one of the pod's containers, or remove the annotation.",
              .fields = {"metadata.annotations[cvm-webhook.io/workspace-container]",
                         "spec.containers[*].name"},
              .sources = {"README.md"}}},
    .check = check_workspace_container,
};

}  // namespace cvm
