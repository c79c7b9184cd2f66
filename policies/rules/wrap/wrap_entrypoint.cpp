// Warns, with placement wrap, of a workspace in which nothing is started: envbox runs /sbin/init or
// `sleep infinity` in place of what the image itself says.
#include <fmt/format.h>

#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/mutations/wrap/wrapping.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

void check_wrap_entrypoint(const PodContext& context, Problems& problems) {
  if (!is_to_be_wrapped(context)) return;
  const Container& container = context.wrapping->container();
  if (!container.command.empty() || !container.args.empty()) return;  // args: wrap-unsupported
  problems.push_back({fmt::format("container {} has no command, and in a CVM the image's own "
                                  "entrypoint is not run; name the program in command",
                                  quoted(container.name)),
                      fmt::format("{}.command", field_path(container))});
}

}  // namespace

constinit const PodRule rules::wrap_entrypoint{
    .descriptor =
        {.id = "wrap-entrypoint",
         .summary = "Placement wrap: the workspace container has no command, so nothing "
                    "is started in the CVM",
         .default_action = RuleAction::kWarn,
         .calls = kPodRuleCalls,
         .explanation =
             {.checks = "Placement wrap: the workspace container has no command.",
              .why = "Envbox runs /sbin/init or sleep in place of what the image itself says, so "
                     "nothing of the workspace is started.",
              .fix = "Name the program in command.",
              .fields = {"spec.containers[*].command", "spec.containers[*].args",
                         "spec.containers[*].name",
                         "metadata.annotations[cvm-webhook.io/workspace-container]",
                         "metadata.annotations[kubectl.kubernetes.io/default-container]",
                         "metadata.annotations[cvm-webhook.io/supervisor]"},
              .settings = {"supervisor.placement"},
              .sources = {"docs/modes.md",
                          "https://github.com/coder/envbox/blob/main/dockerutil/container.go"}}},
    .check = check_wrap_entrypoint,
};

}  // namespace cvm
