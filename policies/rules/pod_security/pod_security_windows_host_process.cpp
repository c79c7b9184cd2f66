// Refuses containers that run as processes of a Windows node.
#include <fmt/format.h>

#include "policies/model/pod_view.hpp"
#include "policies/rules/rules.hpp"
#include "policies/rules/user_part.hpp"

namespace cvm {

namespace {

void check_windows_host_process(const PodContext& context, Problems& problems) {
  for_each_security_context(
      context, [&](const CommonSecurityContext& security, const SecuritySubject& subject) {
        if (security.windows_host_process != true) return;
        problems.push_back({fmt::format("{} is a process of the Windows node; remove "
                                        "securityContext.windowsOptions.hostProcess",
                                        subject.name()),
                            subject.field("windowsOptions.hostProcess")});
      });
}

}  // namespace

constinit const PodRule rules::pod_security_windows_host_process{
    .descriptor =
        {.id = "pod-security-windows-host-process",
         .summary = "Baseline: the pod or a container runs as a process of a Windows "
                    "node",
         .calls = kPodRuleCalls,
         .explanation =
             {.checks = "windowsOptions.hostProcess of the pod's and the "
                        "containers' securityContext. Allowed: absent, false.",
              .why = "Such a container is a process of the Windows node.",
              .fix = "Remove windowsOptions.hostProcess.",
              .fields = {"spec.securityContext.windowsOptions.hostProcess",
                         "spec.containers[*].securityContext.windowsOptions.hostProcess",
                         "spec.initContainers[*].securityContext.windowsOptions.hostProcess",
                         "spec.ephemeralContainers[*].securityContext.windowsOptions.hostProcess"},
              .settings = {"isolation.podSecurity"},
              .sources = {"https://kubernetes.io/docs/concepts/security/"
                          "pod-security-standards/#baseline"}}},
    .check = check_windows_host_process,
    .scope = Scope::kPod,
    .level = PodSecurityLevel::kBaseline,
};

}  // namespace cvm
