#include "policies/rules/rules.hpp"

namespace cvm {

constinit const RuleDescriptor rules::no_compatible_node{
    .id = "no-compatible-node",
    .summary = "None of the nodes that the pod may land on can host it",
    .calls = {RuleCall::kPodCreation, RuleCall::kPodTemplate},
    .fixed = "is decided by the rules about nodes, each by its own id",
    .explanation =
        {.checks = "Every known node that matches the pod's nodeName, nodeSelector, required node "
                   "affinity, tolerations and extended resources, and every such node template of "
                   "the settings, has a problem that a rule about nodes refuses. The message "
                   "counts the problems; a finding of each rule follows it.",
         .why = "The pod would start on a node that cannot host a CVM and fail there, or wait for "
                "a node for ever.",
         .fix = "Do what the findings that follow say of each problem: choose other nodes with the "
                "pod's node selector, affinity or tolerations, or ask your cluster administrator "
                "to change the nodes. `cvm-webhook nodes` shows every node with what it lacks.",
         .fields = {"spec.nodeName", "spec.nodeSelector",
                    "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution",
                    "spec.tolerations", "spec.containers[*].resources",
                    "spec.initContainers[*].resources", "Node metadata.labels", "Node spec.taints",
                    "Node status", "RuntimeClass scheduling"},
         .settings = {"mode", "runtimeClassName", "nodes.templates", "compatibility",
                      "gpu.allowClouds"},
         .sources = {"README.md", "docs/modes.md"}},
};

}  // namespace cvm
