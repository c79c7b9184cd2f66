// Refuses pods that switch AppArmor off.
#include <fmt/format.h>

#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/rules/rules.hpp"
#include "policies/rules/user_part.hpp"

namespace cvm {

namespace {

constexpr std::string_view kAnnotationPrefix = "container.apparmor.security.beta.kubernetes.io/";

bool is_allowed_annotation(std::string_view profile) {
  return profile.empty() || profile == "runtime/default" || profile.starts_with("localhost/");
}

void check_annotations(const PodView& pod, Problems& problems) {
  for (const KeyValue& annotation : pod.annotations) {
    if (!annotation.key.starts_with(kAnnotationPrefix) || is_allowed_annotation(annotation.value)) {
      continue;
    }
    problems.push_back({fmt::format("annotation {} names the AppArmor profile {}; use "
                                    "runtime/default, localhost/<profile>, or remove it",
                                    readable(annotation.key), quoted(annotation.value)),
                        fmt::format("metadata.annotations[{}]", annotation.key)});
  }
}

void check_app_armor(const PodContext& context, Problems& problems) {
  for_each_security_context(
      context, [&](const CommonSecurityContext& security, const SecuritySubject& subject) {
        if (!security.app_armor_profile) return;
        const std::string_view type = security.app_armor_profile->type;
        if (type == "RuntimeDefault" || type == "Localhost") return;
        problems.push_back(
            {fmt::format("{} sets appArmorProfile.type to {}; use RuntimeDefault or Localhost",
                         subject.name(), quoted(type)),
             subject.field("appArmorProfile.type")});
      });
  check_annotations(context.pod, problems);
}

}  // namespace

constinit const PodRule rules::pod_security_app_armor{
    .descriptor =
        {.id = "pod-security-app-armor",
         .summary = "Baseline: the pod or a container switches AppArmor off",
         .calls = kPodRuleCalls,
         .explanation =
             {.checks = "appArmorProfile.type of the pod's or a container's securityContext, and "
                        "the annotations container.apparmor.security.beta.kubernetes.io/*. "
                        "Allowed: absent, RuntimeDefault, Localhost.",
              .why =
                  "Without AppArmor a container that is broken out of has nothing more in its way.",
              .fix = "Use RuntimeDefault or Localhost, or remove the profile.",
              .fields = {"spec.securityContext.appArmorProfile.type",
                         "spec.containers[*].securityContext.appArmorProfile.type",
                         "spec.initContainers[*].securityContext.appArmorProfile.type",
                         "spec.ephemeralContainers[*].securityContext.appArmorProfile.type",
                         "metadata.annotations[container.apparmor.security.beta.kubernetes.io/*]"},
              .settings = {"isolation.podSecurity"},
              .sources = {"https://kubernetes.io/docs/concepts/security/pod-security-standards/"
                          "#baseline"}}},
    .check = check_app_armor,
    .scope = Scope::kPod,
    .level = PodSecurityLevel::kBaseline,
};

}  // namespace cvm
