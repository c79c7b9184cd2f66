#include "policies/rules/rules.hpp"

namespace cvm {

constinit const RuleDescriptor rules::no_candidate_node{
    .id = "no-candidate-node",
    .summary = "No node that the pod may land on is known",
    .default_action = RuleAction::kWarn,
    .calls = {RuleCall::kPodCreation, RuleCall::kPodTemplate},
    .explanation = {
        .checks =
            "No known node, and no node template of the settings, matches the pod's nodeName, "
            "nodeSelector, required node affinity, tolerations and extended resources.",
        .why = "Nothing is known of the node that the pod will run on, so it may turn out one "
               "that cannot host a CVM. An autoscaler may add a node that can.",
        .fix = "Check the pod's node selector, affinity and tolerations, and describe node "
               "groups that start empty in nodes.templates.",
        .fields = {"spec.nodeName", "spec.nodeSelector",
                   "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution",
                   "spec.tolerations", "spec.containers[*].resources",
                   "spec.initContainers[*].resources", "Node metadata.labels", "Node spec.taints",
                   "Node status.allocatable", "RuntimeClass scheduling"},
        .settings = {"nodes.templates", "runtimeClassName"},
        .sources = {"README.md"}}};

}  // namespace cvm
