#include "policies/rules/rules.hpp"

namespace cvm {

constinit const RuleDescriptor rules::namespace_pod_security{
    .id = "namespace-pod-security",
    .summary = "The namespace's Pod Security level refuses the supervisor of a CVM",
    .default_action = RuleAction::kWarn,
    .calls = {RuleCall::kPodCreation, RuleCall::kPodTemplate},
    .explanation = {
        .checks = "The label pod-security.kubernetes.io/enforce of the pod's namespace is "
                  "baseline or restricted, and the CVM is given a privileged supervisor.",
        .why = "The API server's own Pod Security admission would refuse the supervisor.",
        .fix = "Label the namespace pod-security.kubernetes.io/enforce=privileged: cvm-webhook "
               "holds the rest of each pod to isolation.podSecurity.",
        .fields = {"Namespace metadata.labels[pod-security.kubernetes.io/enforce]",
                   "metadata.namespace"},
        .settings = {"mode", "isolation.podSecurity"},
        .sources = {"https://kubernetes.io/docs/concepts/security/pod-security-admission/",
                    "manifests/README.md"}}};

}  // namespace cvm
