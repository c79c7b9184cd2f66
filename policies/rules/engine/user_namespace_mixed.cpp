#include "policies/rules/rules.hpp"

namespace cvm {

constinit const RuleDescriptor rules::user_namespace_mixed{
    .id = "user-namespace-mixed",
    .summary =
        "Mode native: the nodes that the pod may land on give it a user namespace in "
        "different ways, and no label tells them apart",
    .calls = {RuleCall::kPodCreation},
    .explanation = {
        .checks = "Mode native: of the nodes that the pod may land on, some need hostUsers: "
                  "false and others CRI-O's annotation, and no node label tells these apart.",
        .why = "A pod can have one of the two, and would fail on the nodes that need the other.",
        .fix = "Give the pod a node selector, or label the nodes by their container runtime.",
        .fields = {"spec.nodeName", "spec.nodeSelector",
                   "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution",
                   "spec.tolerations", "Node metadata.labels", "Node spec.taints",
                   "Node status.nodeInfo.containerRuntimeVersion",
                   "Node status.nodeInfo.kubeletVersion", "Node status.runtimeHandlers",
                   "RuntimeClass scheduling"},
        .settings = {"mode", "compatibility.userNamespaces"},
        .sources = {"README.md", "docs/modes.md"}}};

}  // namespace cvm
