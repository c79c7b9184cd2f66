#include "policies/rules/rules.hpp"

namespace cvm {

constinit const RuleDescriptor rules::node_binding{
    .id = "node-binding",
    .summary = "A CVM is bound to a node that cannot host it",
    .calls = {RuleCall::kBinding},
    .fixed = "is decided by the rules about nodes, each by its own id",
    .explanation =
        {.checks =
             "The binding of a CVM names a node in which a rule about nodes finds a problem that "
             "it refuses; the findings that follow name the problems. A binding carries no pod: "
             "where the API server does not say what the pod is, the binding is refused, too, and "
             "where nobody can be asked, the binding is let through with an audit annotation.",
         .why = "Whoever binds a pod to a node by name passes over the node selector, and a node "
                "may have changed since the pod was admitted. The CVM would fail on the node.",
         .fix = "Bind the pod to a node that can host CVMs, such as one with the label "
                "cvm-webhook.io/cvm=true, or leave the choice to the scheduler.",
         .fields = {"Binding target.name", "spec.containers[*].resources",
                    "spec.initContainers[*].resources", "metadata.annotations[cvm-webhook.io/plan]",
                    "metadata.annotations[cvm-webhook.io/profile]", "Node metadata.labels",
                    "Node status"},
         .settings = {"nodes.mark", "compatibility"},
         .sources =
             {"README.md",
              "https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/binding-v1/"}},
};

}  // namespace cvm
