#include "policies/model/pod_view.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

constinit const RuleDescriptor rules::unmarked_nodes{
    .id = "unmarked-nodes",
    .summary =
        "No node affinity of reasonable size keeps the pod off the nodes that cannot host it",
    .default_action = RuleAction::kWarn,
    .calls = {RuleCall::kPodCreation},
    .fixed = "cannot be set; with nodes.mark: true there is no such warning",
    .explanation =
        {.checks = "With nodes.mark: false, or in a profile with a RuntimeClass of its own: some "
                   "of the nodes that the pod may land on cannot host it, no label sets them apart "
                   "from the others, and they are too many to be named one by one.",
         .why =
             "The scheduler may choose a node that cannot host the pod. The pod would fail there.",
         .fix = "Give the pod a node selector that leads to nodes which can host it, or ask your "
                "cluster administrator to set nodes.mark: true. The RuntimeClass of a profile can "
                "have a node selector of its own.",
         .fields = {"spec.nodeName", "spec.nodeSelector",
                    "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution",
                    "spec.tolerations", "Node metadata.labels", "Node metadata.name",
                    "Node spec.taints", "RuntimeClass scheduling"},
         .settings = {"nodes.mark", "runtimeClassName", "profiles"},
         .sources = {"README.md"}},
};

}  // namespace cvm
