// Refuses privileged containers next to the supervisor: a CVM is there so that nobody needs one,
// and Sysbox does not check the flag but fails late and obscurely.
#include <fmt/format.h>

#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

void check_privileged_workspace(const PodContext& context, Problems& problems) {
  context.pod.for_each_container([&](const Container& container) {
    if (&container == context.supervisor || container.security_context.privileged != true) return;
    problems.push_back(
        {fmt::format("container {} is privileged; remove securityContext.privileged: Docker, "
                     "systemd and other system software run in a CVM without it",
                     quoted(container.name)),
         fmt::format("{}.securityContext.privileged", field_path(container))});
  });
}

}  // namespace

constinit const PodRule rules::privileged_workspace{
    .descriptor =
        {.id = "privileged-workspace",
         .summary = "A container other than the supervisor is privileged",
         .calls = kPodRuleCalls,
         .explanation =
             {.checks = "spec.{initContainers,containers,ephemeralContainers}[*].securityContext."
                        "privileged is true. The plan's own supervisor is passed over.",
              .why = "A CVM is there so that nobody needs a privileged container, and Sysbox does "
                     "not check the flag but fails late and obscurely.",
              .fix = "Remove securityContext.privileged: Docker, systemd and other system software "
                     "run in a CVM without it.",
              .fields = {"spec.containers[*].securityContext.privileged",
                         "spec.initContainers[*].securityContext.privileged",
                         "spec.ephemeralContainers[*].securityContext.privileged"},
              .sources = {"https://github.com/nestybox/sysbox/blob/master/docs/user-guide/"
                          "limitations.md"}}},
    .check = check_privileged_workspace,
};

}  // namespace cvm
