// Refuses containers without a seccomp profile: what a runtime does without one is its own to say.
#include <fmt/format.h>

#include "policies/model/pod_view.hpp"
#include "policies/rules/rules.hpp"
#include "policies/rules/user_part.hpp"

namespace cvm {

namespace {

void check_seccomp_restricted(const PodContext& context, Problems& problems) {
  if (is_for_windows(context.pod)) return;
  rules::pod_security_seccomp_baseline.check(context, problems);
  // One that the pod has and may not have is a problem already.
  if (context.pod.security_context.seccomp_profile) return;
  for_each_user_container(context, [&](const Container& container) {
    if (container.security_context.seccomp_profile) return;
    const SecuritySubject subject{&container};
    problems.push_back(
        {fmt::format("{} has no seccomp profile; set seccompProfile.type of the pod's or the "
                     "container's securityContext to RuntimeDefault or Localhost",
                     subject.name()),
         subject.field("seccompProfile.type")});
  });
}

}  // namespace

constinit const PodRule rules::pod_security_seccomp_restricted{
    .descriptor =
        {.id = "pod-security-seccomp-restricted",
         .summary = "Restricted: a container has no seccomp profile",
         .default_action = RuleAction::kOff,
         .calls = kPodRuleCalls,
         .explanation =
             {.checks = "seccompProfile.type of the pod's and the containers' securityContext. "
                        "Allowed: RuntimeDefault, Localhost; absent in a container where the pod "
                        "has it. Pods for Windows are passed over.",
              .why = "What a runtime does without a profile is its own to say: it may be no filter "
                     "at all.",
              .fix = "Set seccompProfile.type to RuntimeDefault in the pod's securityContext.",
              .fields = {"spec.securityContext.seccompProfile.type",
                         "spec.containers[*].securityContext.seccompProfile.type",
                         "spec.initContainers[*].securityContext.seccompProfile.type",
                         "spec.ephemeralContainers[*].securityContext.seccompProfile.type",
                         "spec.os.name"},
              .settings = {"isolation.podSecurity"},
              .sources = {"https://kubernetes.io/docs/concepts/security/pod-security-standards/"
                          "#restricted"}}},
    .check = check_seccomp_restricted,
    .scope = Scope::kPod,
    .level = PodSecurityLevel::kRestricted,
};

}  // namespace cvm
