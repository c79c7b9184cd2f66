#include "policies/rules/rules.hpp"

namespace cvm {

constinit const RuleDescriptor rules::nodes_stale{
    .id = "nodes-stale",
    .summary = "The cluster's nodes are not known yet, or not up to date",
    .default_action = RuleAction::kWarn,
    .calls = {RuleCall::kPodCreation, RuleCall::kPodTemplate},
    .fixed = "is set by the key nodes.staleAction",
    .explanation =
        {.checks =
             "A CVM is created while cvm-webhook has not read the cluster's nodes yet, or for "
             "longer than nodes.staleAfter has heard nothing of them from the API server.",
         .why = "What is known of the nodes may no longer hold: the pod may be refused for a "
                "problem that was mended, or land on a node that cannot host it.",
         .fix = "Try again later. If it lasts, ask your cluster administrator to look at "
                "/readyz?verbose of cvm-webhook, which names what it waits for.",
         .fields = {"Node metadata", "Node spec", "Node status"},
         .settings = {"nodes.staleAction", "nodes.staleAfter"},
         .sources = {"README.md"}},
};

}  // namespace cvm
