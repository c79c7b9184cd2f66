// Refuses containers that see all of /proc: runtimes mask parts of it.
// The relaxation for user namespaces that baseline has since Kubernetes 1.35 does not hold here.
#include <fmt/format.h>

#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/rules/rules.hpp"
#include "policies/rules/user_part.hpp"

namespace cvm {

namespace {

void check_proc_mount_restricted(const PodContext& context, Problems& problems) {
  for_each_user_container(context, [&](const Container& container) {
    const std::string_view type = container.security_context.proc_mount;
    if (type.empty() || type == "Default") return;
    const SecuritySubject subject{&container};
    problems.push_back({fmt::format("{} sets procMount to {}; remove securityContext.procMount",
                                    subject.name(), quoted(type)),
                        subject.field("procMount")});
  });
}

}  // namespace

constinit const PodRule rules::pod_security_proc_mount_restricted{
    .descriptor =
        {.id = "pod-security-proc-mount-restricted",
         .summary = "Restricted: a container sees all of /proc",
         .default_action = RuleAction::kOff,
         .calls = kPodRuleCalls,
         .explanation =
             {.checks = "spec.{initContainers,containers,ephemeralContainers}[*].securityContext."
                        "procMount. Allowed: absent, Default.",
              .why = "Container runtimes mask parts of /proc, by which a container could change "
                     "the node. Level restricted has no exception for user namespaces.",
              .fix = "Remove securityContext.procMount.",
              .fields = {"spec.containers[*].securityContext.procMount",
                         "spec.initContainers[*].securityContext.procMount",
                         "spec.ephemeralContainers[*].securityContext.procMount"},
              .settings = {"isolation.podSecurity"},
              .sources = {"https://kubernetes.io/docs/concepts/security/pod-security-standards/"
                          "#restricted"}}},
    .check = check_proc_mount_restricted,
    .scope = Scope::kPod,
    .level = PodSecurityLevel::kRestricted,
};

}  // namespace cvm
