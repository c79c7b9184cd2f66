// Refuses privileged containers.
#include <fmt/format.h>

#include "policies/model/pod_view.hpp"
#include "policies/rules/rules.hpp"
#include "policies/rules/user_part.hpp"

namespace cvm {

namespace {

void check_privileged(const PodContext& context, Problems& problems) {
  for_each_user_container(context, [&](const Container& container) {
    if (container.security_context.privileged != true) return;
    const SecuritySubject subject{&container};
    problems.push_back(
        {fmt::format("{} is privileged; remove securityContext.privileged", subject.name()),
         subject.field("privileged")});
  });
}

}  // namespace

constinit const PodRule rules::pod_security_privileged{
    .descriptor =
        {.id = "pod-security-privileged",
         .summary = "Baseline: a container is privileged",
         .calls = kPodRuleCalls,
         .explanation =
             {.checks =
                  "spec.{initContainers,containers,ephemeralContainers}[*].securityContext."
                  "privileged. Allowed: absent, false. The supervisor of a CVM is passed over.",
              .why = "A privileged container is root on the node.",
              .fix = "Remove securityContext.privileged.",
              .fields = {"spec.containers[*].securityContext.privileged",
                         "spec.initContainers[*].securityContext.privileged",
                         "spec.ephemeralContainers[*].securityContext.privileged"},
              .settings = {"isolation.podSecurity"},
              .sources = {"https://kubernetes.io/docs/concepts/security/pod-security-standards/"
                          "#baseline"}}},
    .check = check_privileged,
    .scope = Scope::kPod,
    .level = PodSecurityLevel::kBaseline,
    .covered_by = &rules::privileged_workspace,
};

}  // namespace cvm
