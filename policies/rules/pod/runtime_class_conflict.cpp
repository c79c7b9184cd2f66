// Refuses a pod that asks for another RuntimeClass than the one that CVMs run under: a pod has only
// one, and Sysbox does not run inside Sysbox.
// Where the rule is weakened, the plan's RuntimeClass takes the place of the pod's.
#include <fmt/format.h>

#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

void check_runtime_class_conflict(const PodContext& context, Problems& problems) {
  const std::string_view found = context.pod.runtime_class_name;
  const std::string& wanted = context.settings.runtime_class_name;
  if (found.empty() || found == wanted) return;
  problems.push_back(
      {fmt::format("spec.runtimeClassName is {} and a CVM runs under {}; remove runtimeClassName, "
                   "or set the label cvm-webhook.io/cvm to \"false\" to run an ordinary pod",
                   quoted(found), quoted(wanted)),
       "spec.runtimeClassName"});
}

}  // namespace

constinit const PodRule rules::runtime_class_conflict{
    .descriptor =
        {.id = "runtime-class-conflict",
         .summary = "The pod asks for another RuntimeClass than the CVM's",
         .calls = kPodRuleCalls,
         .explanation =
             {.checks = "spec.runtimeClassName is there and not the runtimeClassName of the "
                        "settings. Where the rule is weakened, the plan's takes its place.",
              .why = "A pod has one RuntimeClass only, and Sysbox does not run inside Sysbox.",
              .fix = "Remove runtimeClassName, or set the label cvm-webhook.io/cvm to \"false\" to "
                     "run an ordinary pod.",
              .fields = {"spec.runtimeClassName"},
              .settings = {"runtimeClassName", "mode"},
              .sources =
                  {"https://github.com/nestybox/sysbox/blob/master/docs/user-guide/limitations.md",
                   "docs/modes.md"}}},
    .check = check_runtime_class_conflict,
};

}  // namespace cvm
