// Refuses containers that may run as root, but in a user namespace.
#include <fmt/format.h>

#include "policies/model/pod_view.hpp"
#include "policies/rules/rules.hpp"
#include "policies/rules/user_part.hpp"

namespace cvm {

namespace {

void check_run_as_non_root(const PodContext& context, Problems& problems) {
  if (is_in_user_namespace(context.pod)) return;
  const bool is_left_open = !context.pod.security_context.run_as_non_root.has_value();
  for_each_security_context(
      context, [&](const CommonSecurityContext& security, const SecuritySubject& subject) {
        if (security.run_as_non_root == false) {
          problems.push_back(
              {fmt::format("{} sets runAsNonRoot to false; set it to true", subject.name()),
               subject.field("runAsNonRoot")});
        } else if (!security.run_as_non_root && subject.container != nullptr && is_left_open) {
          problems.push_back({fmt::format("{} may run as root; set runAsNonRoot of the pod's or "
                                          "the container's securityContext to true",
                                          subject.name()),
                              subject.field("runAsNonRoot")});
        }
      });
}

}  // namespace

constinit const PodRule rules::pod_security_run_as_non_root{
    .descriptor =
        {.id = "pod-security-run-as-non-root",
         .summary = "Restricted: a container may run as root outside a user namespace",
         .default_action = RuleAction::kOff,
         .calls = kPodRuleCalls,
         .explanation =
             {.checks =
                  "runAsNonRoot of the pod's and the containers' securityContext. Allowed: true, "
                  "in the pod or in every container; with spec.hostUsers: false every value.",
              .why =
                  "A container that may run as root has root's rights where it is broken out of.",
              .fix = "Set runAsNonRoot: true in the pod's or the container's securityContext.",
              .fields = {"spec.securityContext.runAsNonRoot",
                         "spec.containers[*].securityContext.runAsNonRoot",
                         "spec.initContainers[*].securityContext.runAsNonRoot",
                         "spec.ephemeralContainers[*].securityContext.runAsNonRoot",
                         "spec.hostUsers", "spec.containers[*].securityContext.runAsUser",
                         "spec.securityContext.runAsUser"},
              .settings = {"isolation.podSecurity"},
              .sources = {"https://kubernetes.io/docs/concepts/security/pod-security-standards/"
                          "#restricted"}}},
    .check = check_run_as_non_root,
    .scope = Scope::kPod,
    .level = PodSecurityLevel::kRestricted,
};

}  // namespace cvm
