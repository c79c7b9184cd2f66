#include "policies/model/pod_view.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

constinit const RuleDescriptor rules::outside_namespace{
    .id = "outside-namespace",
    .summary = "A pod with parts of a CVM is in a namespace that has none",
    .calls = {RuleCall::kPodCreation},
    .fixed = "is decided by the ValidatingAdmissionPolicy cvm-webhook-outside-namespaces",
    .by_admission_policy = true,
    .explanation =
        {.checks = "In a namespace without the label cvm-webhook.io/workspaces=enabled, a pod asks "
                   "for a RuntimeClass of CVMs, has a container named cvm-supervisor or the "
                   "annotation cvm-webhook.io/plan. The API server itself judges it: webhooks are "
                   "not asked about such namespaces.",
         .why = "The pod would be no CVM there: nobody adds the supervisor, and nobody keeps users "
                "away from a container that looks like one.",
         .fix = "Ask your cluster administrator to label the namespace "
                "cvm-webhook.io/workspaces=enabled, or remove these parts from the pod.",
         .fields = {"spec.runtimeClassName", "spec.containers[*].name",
                    "spec.initContainers[*].name", "metadata.annotations[cvm-webhook.io/plan]",
                    "Namespace metadata.labels[cvm-webhook.io/workspaces]"},
         .sources = {"manifests/README.md", "manifests/base/policy-outside-namespaces.yaml"}},
};

}  // namespace cvm
