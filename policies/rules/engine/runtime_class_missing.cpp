#include "policies/rules/rules.hpp"

namespace cvm {

constinit const RuleDescriptor rules::runtime_class_missing{
    .id = "runtime-class-missing",
    .summary = "Mode native: the CVMs' RuntimeClass does not exist",
    .calls = {RuleCall::kPodCreation, RuleCall::kPodTemplate},
    .fixed = "cannot be set: the API server refuses the pod itself",
    .explanation =
        {.checks =
             "Mode native: the cluster has no RuntimeClass of the name that the settings give.",
         .why = "The API server refuses a pod whose RuntimeClass does not exist, and does not say "
                "that it comes with Sysbox.",
         .fix = "Ask your cluster administrator to install Sysbox on nodes, which brings the "
                "RuntimeClass, or to name another as runtimeClassName.",
         .fields = {"RuntimeClass metadata.name"},
         .settings = {"runtimeClassName", "mode"},
         .sources = {"README.md", "docs/modes.md",
                     "https://kubernetes.io/docs/concepts/containers/runtime-class/"}},
};

}  // namespace cvm
