// Refuses changes of labels by which a running CVM would no longer count as one, so that nothing
// would be held against it any more.
#include <fmt/format.h>

#include "policies/model/pod_view.hpp"
#include "policies/model/workspace.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

void check_cvm_opt_out(const PodChange& change, Problems& problems) {
  const Settings& settings = change.settings;
  if (wants_cvm(change.before, settings) && !wants_cvm(change.after, settings)) {
    problems.push_back({fmt::format("a pod cannot opt out of being a CVM by its label {} once it "
                                    "is one; delete it and make one that opts out from the start",
                                    kCvmLabel),
                        fmt::format("metadata.labels[{}]", kCvmLabel)});
  }
  if (settings.workspace_selector.matches(change.before.labels) &&
      !settings.workspace_selector.matches(change.after.labels)) {
    problems.push_back(
        {"without these labels the pod would no longer be selected as a workspace "
         "(workspaces.selector in the settings of cvm-webhook) and it is a CVM; keep "
         "them, or delete the pod",
         "metadata.labels"});
  }
}

}  // namespace

constinit const PodChangeRule rules::cvm_opt_out{
    .descriptor = {.id = "cvm-opt-out",
                   .summary = "A change of labels would take a running CVM out of the rules",
                   .calls = {RuleCall::kPodChange, RuleCall::kBinding},
                   .guards_supervisor = true,
                   .explanation = {.checks =
                                       "A change of metadata.labels after which a running CVM "
                                       "would no longer be selected as one: by cvm-webhook.io/cvm, "
                                       "or because workspaces.selector no longer matches.",
                                   .why = "Nothing would be held against the pod any more, and its "
                                          "supervisor is still there.",
                                   .fix = "Leave the labels as they are, or delete the pod and "
                                          "make one that opts out from the start.",
                                   .fields = {"metadata.labels", "Binding metadata.labels"},
                                   .settings = {"defaultToCvm", "workspaces.selector",
                                                "isolation.breakGlass"},
                                   .sources = {"README.md"}}},
    .check = check_cvm_opt_out,
};

}  // namespace cvm
