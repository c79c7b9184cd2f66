// Refuses a value of the CVM label that says neither yes nor no, as "True" or "1" would otherwise
// be taken for the cluster's default without a word.
#include <fmt/format.h>

#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/model/workspace.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

void check_cvm_label(const PodContext& context, Problems& problems) {
  if (!context.settings.enabled) return;
  const auto value = context.pod.labels.find(kCvmLabel);
  if (!value || *value == "true" || *value == "false") return;
  problems.push_back(
      {fmt::format("the label cvm-webhook.io/cvm is {}; set it to \"true\" for a CVM, to \"false\" "
                   "for an ordinary pod, or remove it for the cluster's default",
                   quoted(*value)),
       "metadata.labels[cvm-webhook.io/cvm]"});
}

}  // namespace

constinit const PodRule rules::cvm_label{
    .descriptor =
        {.id = "cvm-label",
         .summary = "The label cvm-webhook.io/cvm is neither \"true\" nor \"false\"",
         .calls = kPodRuleCalls,
         .explanation = {.checks = "The label cvm-webhook.io/cvm of a workspace is there and "
                                   "neither \"true\" nor \"false\".",
                         .why = "\"True\" or \"1\" would be taken for the cluster's default "
                                "without a word. Where the rule is weakened, that is what happens.",
                         .fix = "Set the label to \"true\" for a CVM, to \"false\" for an ordinary "
                                "pod, or remove it.",
                         .fields = {"metadata.labels[cvm-webhook.io/cvm]"},
                         .settings = {"enabled", "defaultToCvm", "workspaces.selector"},
                         .sources = {"README.md",
                                     "https://github.com/coder/docs/blob/main/admin/"
                                     "workspace-management/cvms/management.md"}}},
    .check = check_cvm_label,
    .scope = Scope::kWorkspace,
};

}  // namespace cvm
