// Refuses pods that switch seccomp off.
#include <fmt/format.h>

#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/rules/rules.hpp"
#include "policies/rules/user_part.hpp"

namespace cvm {

namespace {

void check_seccomp_baseline(const PodContext& context, Problems& problems) {
  for_each_security_context(
      context, [&](const CommonSecurityContext& security, const SecuritySubject& subject) {
        if (!security.seccomp_profile) return;
        const std::string_view type = security.seccomp_profile->type;
        if (type == "RuntimeDefault" || type == "Localhost") return;
        problems.push_back(
            {fmt::format("{} sets seccompProfile.type to {}; use RuntimeDefault or Localhost",
                         subject.name(), quoted(type)),
             subject.field("seccompProfile.type")});
      });
}

}  // namespace

constinit const PodRule rules::pod_security_seccomp_baseline{
    .descriptor =
        {.id = "pod-security-seccomp-baseline",
         .summary = "Baseline: the pod or a container switches seccomp off",
         .calls = kPodRuleCalls,
         .explanation =
             {.checks = "seccompProfile.type of the pod's and the containers' "
                        "securityContext. Allowed: absent, RuntimeDefault, Localhost.",
              .why = "Without seccomp a container may ask the kernel for everything.",
              .fix = "Use RuntimeDefault or Localhost, or remove the profile.",
              .fields = {"spec.securityContext.seccompProfile.type",
                         "spec.containers[*].securityContext.seccompProfile.type",
                         "spec.initContainers[*].securityContext.seccompProfile.type",
                         "spec.ephemeralContainers[*].securityContext.seccompProfile.type"},
              .settings = {"isolation.podSecurity"},
              .sources = {"https://kubernetes.io/docs/concepts/security/"
                          "pod-security-standards/#baseline"}}},
    .check = check_seccomp_baseline,
    .scope = Scope::kPod,
    .level = PodSecurityLevel::kBaseline,
    .covered_by = &rules::pod_security_seccomp_restricted,
};

}  // namespace cvm
