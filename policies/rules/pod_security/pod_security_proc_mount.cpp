// Refuses containers that see all of /proc, but in a user namespace.
#include "policies/model/pod_view.hpp"
#include "policies/rules/rules.hpp"
#include "policies/rules/user_part.hpp"

namespace cvm {

namespace {

void check_proc_mount(const PodContext& context, Problems& problems) {
  if (is_in_user_namespace(context.pod)) return;
  rules::pod_security_proc_mount_restricted.check(context, problems);
}

}  // namespace

constinit const PodRule rules::pod_security_proc_mount{
    .descriptor =
        {.id = "pod-security-proc-mount",
         .summary = "Baseline: a container sees all of /proc outside a user namespace",
         .calls = kPodRuleCalls,
         .explanation =
             {.checks =
                  "spec.{initContainers,containers,ephemeralContainers}[*].securityContext."
                  "procMount. Allowed: absent, Default; with spec.hostUsers: false every value.",
              .why = "Container runtimes mask parts of /proc, by which a container could change "
                     "the node.",
              .fix = "Remove securityContext.procMount.",
              .fields = {"spec.containers[*].securityContext.procMount",
                         "spec.initContainers[*].securityContext.procMount",
                         "spec.ephemeralContainers[*].securityContext.procMount", "spec.hostUsers"},
              .settings = {"isolation.podSecurity"},
              .sources = {"https://kubernetes.io/docs/concepts/security/pod-security-standards/"
                          "#baseline"}}},
    .check = check_proc_mount,
    .scope = Scope::kPod,
    .level = PodSecurityLevel::kBaseline,
    .covered_by = &rules::pod_security_proc_mount_restricted,
};

}  // namespace cvm
