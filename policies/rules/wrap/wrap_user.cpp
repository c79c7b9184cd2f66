// Warns, with placement wrap, of a workspace that runs as root because nothing says otherwise: the
// user that the image names is not known here, and envbox must be told one.
#include <fmt/format.h>

#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/mutations/wrap/wrapping.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

void check_wrap_user(const PodContext& context, Problems& problems) {
  if (!is_to_be_wrapped(context)) return;
  const Container& container = context.wrapping->container();
  if (container.security_context.run_as_user || context.pod.security_context.run_as_user ||
      context.wrapping->is_set_by_settings("CODER_INNER_USERNAME")) {
    return;
  }
  problems.push_back({fmt::format("container {} runs as root in the CVM, whatever user its image "
                                  "names; set securityContext.runAsUser to that user's number",
                                  quoted(container.name)),
                      fmt::format("{}.securityContext.runAsUser", field_path(container))});
}

}  // namespace

constinit const PodRule rules::wrap_user{
    .descriptor =
        {.id = "wrap-user",
         .summary = "Placement wrap: nothing says as whom the workspace runs, so it runs "
                    "as root",
         .default_action = RuleAction::kWarn,
         .calls = kPodRuleCalls,
         .explanation =
             {.checks = "Placement wrap: neither the workspace container nor the pod has "
                        "securityContext.runAsUser.",
              .why = "Which user the image names is not known here, and envbox must be told one: "
                     "the workspace runs as root of the CVM.",
              .fix = "Set securityContext.runAsUser to the number of a user of the image.",
              .fields = {"spec.containers[*].securityContext.runAsUser",
                         "spec.securityContext.runAsUser", "spec.containers[*].name",
                         "metadata.annotations[cvm-webhook.io/workspace-container]",
                         "metadata.annotations[kubectl.kubernetes.io/default-container]",
                         "metadata.annotations[cvm-webhook.io/supervisor]"},
              .settings = {"supervisor.placement", "supervisor.env"},
              .sources = {"docs/modes.md",
                          "https://github.com/coder/envbox/blob/main/dockerutil/image.go"}}},
    .check = check_wrap_user,
};

}  // namespace cvm
