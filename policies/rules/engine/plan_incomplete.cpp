#include "policies/rules/rules.hpp"

namespace cvm {

constinit const RuleDescriptor rules::plan_incomplete{
    .id = "plan-incomplete",
    .summary = "A CVM lacks a part that cvm-webhook puts in, or something changed one",
    .calls = {RuleCall::kPodCreation},
    .guards_supervisor = true,
    .explanation = {
        .checks =
            "The final pod of a CVM lacks a part that cvm-webhook puts in, or has it changed: by "
            "the user or by another webhook. What injectors may add, isolation.injected says.",
        .why = "The CVM would not start, or its supervisor would do something else than it is "
               "there for.",
        .fix = "Remove what the pod sets of these parts itself. Where another webhook changed "
               "one, exempt the namespace there, or name what it adds in isolation.injected.",
        .fields = {"spec.runtimeClassName", "spec.initContainers", "spec.containers",
                   "spec.volumes", "spec.nodeSelector[cvm-webhook.io/cvm-gpu]", "spec.hostUsers",
                   "metadata.annotations[io.kubernetes.cri-o.userns-mode]",
                   "metadata.annotations[cvm-webhook.io/plan]",
                   "metadata.annotations[cvm-webhook.io/profile]",
                   "metadata.annotations[cvm-webhook.io/supervisor]"},
        .settings = {"isolation.injected", "supervisor.placement", "hostPaths", "runtimeClassName"},
        .sources = {"README.md", "docs/modes.md"}}};

}  // namespace cvm
