// Refuses pods whose containers share one process namespace: systemd in the workspace must be
// process 1, and a shared namespace would show the supervisor's processes to the workspace.
#include "policies/model/pod_view.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

void check_shared_process_namespace(const PodContext& context, Problems& problems) {
  if (!context.pod.share_process_namespace) return;
  if (context.settings.mode == Mode::kNative) {
    problems.push_back(
        {"shareProcessNamespace is true and in a CVM systemd must be process 1; remove "
         "shareProcessNamespace",
         "spec.shareProcessNamespace"});
    return;
  }
  problems.push_back(
      {"shareProcessNamespace is true and in a CVM the workspace must not see the "
       "supervisor's processes, nor can systemd be process 1; remove "
       "shareProcessNamespace",
       "spec.shareProcessNamespace"});
}

}  // namespace

constinit const PodRule rules::shared_process_namespace{
    .descriptor =
        {.id = "shared-process-namespace",
         .summary = "The pod's containers share one process namespace",
         .calls = kPodRuleCalls,
         .explanation = {.checks = "spec.shareProcessNamespace is true.",
                         .why = "systemd in the workspace must be process 1, and a shared "
                                "namespace would show the supervisor's processes to the workspace.",
                         .fix = "Remove shareProcessNamespace.",
                         .fields = {"spec.shareProcessNamespace"},
                         .settings = {"mode"},
                         .sources = {"https://github.com/nestybox/sysbox/blob/master/docs/"
                                     "user-guide/limitations.md"}}},
    .check = check_shared_process_namespace,
};

}  // namespace cvm
