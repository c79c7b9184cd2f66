#include "policies/rules/rules.hpp"

namespace cvm {

constinit const RuleDescriptor rules::runtime_class_nodes{
    .id = "runtime-class-nodes",
    .summary = "Mode native: the CVMs' RuntimeClass selects no node of the cluster",
    .calls = {RuleCall::kPodCreation, RuleCall::kPodTemplate},
    .fixed = "cannot be set: the pod would never start",
    .explanation = {.checks = "Mode native: no node of the cluster and no node template of the "
                              "settings has the labels that the RuntimeClass selects nodes by.",
                    .why = "The pod would wait for a node for ever.",
                    .fix =
                        "Ask your cluster administrator to install Sysbox on a node, which labels "
                        "it, or to describe the nodes that an autoscaler adds in nodes.templates.",
                    .fields = {"RuntimeClass scheduling.nodeSelector", "Node metadata.labels"},
                    .settings = {"runtimeClassName", "mode", "nodes.templates"},
                    .sources = {"README.md", "docs/modes.md"}},
};

}  // namespace cvm
