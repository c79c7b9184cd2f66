// Refuses a pod that asks for a CVM where the administrator has switched CVMs off: as an ordinary
// pod it would start and then fail at its first `docker` or `systemctl`.
#include "policies/model/pod_view.hpp"
#include "policies/model/workspace.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

void check_cvm_disabled(const PodContext& context, Problems& problems) {
  if (context.settings.enabled || context.pod.labels.find(kCvmLabel) != "true") return;
  problems.push_back(
      {"the pod asks for a CVM by its label cvm-webhook.io/cvm and CVMs are switched off in this "
       "cluster; remove the label to run an ordinary pod, or ask your cluster administrator to set "
       "enabled: true in the settings of cvm-webhook",
       "metadata.labels[cvm-webhook.io/cvm]"});
}

}  // namespace

constinit const PodRule rules::cvm_disabled{
    .descriptor =
        {.id = "cvm-disabled",
         .summary = "A pod asks for a CVM where CVMs are switched off",
         .calls = kPodRuleCalls,
         .explanation = {.checks = "The label cvm-webhook.io/cvm of a workspace is \"true\" and "
                                   "the settings have enabled: false.",
                         .why = "As an ordinary pod the workspace would start, and fail at its "
                                "first docker or systemctl.",
                         .fix = "Remove the label to run an ordinary pod, or set enabled: true.",
                         .fields = {"metadata.labels[cvm-webhook.io/cvm]"},
                         .settings = {"enabled", "workspaces.selector"},
                         .sources = {"https://github.com/coder/docs/blob/main/admin/"
                                     "workspace-management/cvms/management.md"}}},
    .check = check_cvm_disabled,
    .scope = Scope::kWorkspace,
};

}  // namespace cvm
