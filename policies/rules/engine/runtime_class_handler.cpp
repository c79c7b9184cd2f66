#include "policies/rules/rules.hpp"

namespace cvm {

constinit const RuleDescriptor rules::runtime_class_handler{
    .id = "runtime-class-handler",
    .summary = "The handler of the CVMs' RuntimeClass does not fit the mode",
    .calls = {RuleCall::kPodCreation, RuleCall::kPodTemplate},
    .fixed = "cannot be set: the CVM could not start",
    .explanation =
        {.checks = "The RuntimeClass that the settings name has a handler of Sysbox in mode "
                   "supervised, or another one in mode native.",
         .why = "Under Sysbox, the privileged supervisor of a CVM cannot start. Without Sysbox, a "
                "pod of mode native is an ordinary pod and no CVM.",
         .fix =
             "Ask your cluster administrator to name another RuntimeClass as runtimeClassName: "
             "with the handler runc or crun in mode supervised, with sysbox-runc in mode native.",
         .fields = {"RuntimeClass handler"},
         .settings = {"runtimeClassName", "mode"},
         .sources = {"README.md", "docs/modes.md",
                     "https://kubernetes.io/docs/concepts/containers/runtime-class/"}},
};

}  // namespace cvm
