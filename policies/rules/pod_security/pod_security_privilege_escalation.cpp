// Refuses containers whose processes may gain privileges, as by set-user-ID files.
#include <fmt/format.h>

#include "policies/model/pod_view.hpp"
#include "policies/rules/rules.hpp"
#include "policies/rules/user_part.hpp"

namespace cvm {

namespace {

void check_privilege_escalation(const PodContext& context, Problems& problems) {
  if (is_for_windows(context.pod)) return;
  for_each_user_container(context, [&](const Container& container) {
    if (container.security_context.allow_privilege_escalation == false) return;
    const SecuritySubject subject{&container};
    problems.push_back(
        {fmt::format(
             "{} may gain privileges; set securityContext.allowPrivilegeEscalation to false",
             subject.name()),
         subject.field("allowPrivilegeEscalation")});
  });
}

}  // namespace

constinit const PodRule rules::pod_security_privilege_escalation{
    .descriptor =
        {.id = "pod-security-privilege-escalation",
         .summary = "Restricted: a container may gain privileges",
         .default_action = RuleAction::kOff,
         .calls = kPodRuleCalls,
         .explanation =
             {.checks =
                  "spec.{initContainers,containers,ephemeralContainers}[*].securityContext."
                  "allowPrivilegeEscalation. Allowed: false. Pods for Windows are passed over.",
              .why = "Processes of the container may gain privileges, as by set-user-ID files.",
              .fix = "Set allowPrivilegeEscalation to false.",
              .fields = {"spec.containers[*].securityContext.allowPrivilegeEscalation",
                         "spec.initContainers[*].securityContext.allowPrivilegeEscalation",
                         "spec.ephemeralContainers[*].securityContext.allowPrivilegeEscalation",
                         "spec.os.name"},
              .settings = {"isolation.podSecurity"},
              .sources = {"https://kubernetes.io/docs/concepts/security/pod-security-standards/"
                          "#restricted"}}},
    .check = check_privilege_escalation,
    .scope = Scope::kPod,
    .level = PodSecurityLevel::kRestricted,
};

}  // namespace cvm
