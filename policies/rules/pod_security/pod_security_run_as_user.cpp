// Refuses containers that are told to run as root, but in a user namespace.
#include <fmt/format.h>

#include "policies/model/pod_view.hpp"
#include "policies/rules/rules.hpp"
#include "policies/rules/user_part.hpp"

namespace cvm {

namespace {

void check_run_as_user(const PodContext& context, Problems& problems) {
  if (is_in_user_namespace(context.pod)) return;
  for_each_security_context(
      context, [&](const CommonSecurityContext& security, const SecuritySubject& subject) {
        if (security.run_as_user != 0) return;
        problems.push_back(
            {fmt::format("{} sets runAsUser to 0, which is root; use another user's number",
                         subject.name()),
             subject.field("runAsUser")});
      });
}

}  // namespace

constinit const PodRule rules::pod_security_run_as_user{
    .descriptor =
        {.id = "pod-security-run-as-user",
         .summary = "Restricted: the pod or a container sets runAsUser to 0 outside a "
                    "user namespace",
         .default_action = RuleAction::kOff,
         .calls = kPodRuleCalls,
         .explanation = {.checks =
                             "runAsUser of the pod's and the containers' securityContext. Allowed: "
                             "absent, every number but 0; with spec.hostUsers: false every number.",
                         .why = "A container that is told to run as root has root's rights where "
                                "it is broken out of.",
                         .fix = "Set runAsUser to another user's number, or remove it.",
                         .fields = {"spec.securityContext.runAsUser",
                                    "spec.containers[*].securityContext.runAsUser",
                                    "spec.initContainers[*].securityContext.runAsUser",
                                    "spec.ephemeralContainers[*].securityContext.runAsUser",
                                    "spec.hostUsers"},
                         .settings = {"isolation.podSecurity"},
                         .sources = {"https://kubernetes.io/docs/concepts/security/"
                                     "pod-security-standards/#restricted"}}},
    .check = check_run_as_user,
    .scope = Scope::kPod,
    .level = PodSecurityLevel::kRestricted,
};

}  // namespace cvm
