#include "policies/rules/rules.hpp"

namespace cvm {

constinit const RuleDescriptor rules::namespace_label{
    .id = "namespace-label",
    .summary = "A namespace that holds CVMs loses the label by which they are looked after",
    .calls = {RuleCall::kNamespaceChange},
    .explanation = {
        .checks = "A change of a namespace that takes the label "
                  "cvm-webhook.io/workspaces=enabled away while the namespace holds CVMs.",
        .why = "Without the label no call about its pods reaches cvm-webhook, and nobody keeps "
               "users away from the supervisors there.",
        .fix = "Delete the CVM pods of the namespace first.",
        .fields = {"Namespace metadata.labels[cvm-webhook.io/workspaces]",
                   "Namespace metadata.name", "metadata.namespace",
                   "metadata.annotations[cvm-webhook.io/plan]", "spec.containers[*].name",
                   "spec.initContainers[*].name"},
        .settings = {"isolation.breakGlass"},
        .sources = {"README.md", "manifests/README.md"}}};

}  // namespace cvm
