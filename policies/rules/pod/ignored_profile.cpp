// Mode native: warns of seccomp and AppArmor profiles of the pod's own, on which somebody may rely:
// Sysbox ignores AppArmor profiles, and a seccomp profile cannot narrow what it allows.
#include <fmt/format.h>

#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/rules/rules.hpp"
#include "policies/rules/user_part.hpp"

namespace cvm {

namespace {

constexpr std::string_view kAnnotationPrefix = "container.apparmor.security.beta.kubernetes.io/";
constexpr std::string_view kAdvice = "; do not rely on it, and remove it";

void check_ignored_profile(const PodContext& context, Problems& problems) {
  if (context.settings.mode != Mode::kNative) return;
  const auto warn = [&problems](const std::optional<SecurityProfile>& profile,
                                std::string_view kind, std::string_view effect,
                                const SecuritySubject& subject, std::string_view field) {
    if (!profile || profile->type != "Localhost") return;
    problems.push_back({fmt::format("{} has {} profile {} and {}{}", subject.name(), kind,
                                    quoted(profile->localhost_profile), effect, kAdvice),
                        subject.field(field)});
  };
  for_each_security_context(
      context, [&](const CommonSecurityContext& security, const SecuritySubject& subject) {
        warn(security.app_armor_profile, "the AppArmor", "Sysbox ignores it", subject,
             "appArmorProfile");
        warn(security.seccomp_profile, "the seccomp", "it cannot narrow what Sysbox allows",
             subject, "seccompProfile");
      });
  for (const KeyValue& annotation : context.pod.annotations) {
    if (!annotation.key.starts_with(kAnnotationPrefix) ||
        !annotation.value.starts_with("localhost/")) {
      continue;
    }
    problems.push_back(
        {fmt::format("annotation {} names an AppArmor profile and Sysbox ignores it{}",
                     readable(annotation.key), kAdvice),
         fmt::format("metadata.annotations[{}]", annotation.key)});
  }
}

}  // namespace

constinit const PodRule rules::ignored_profile{
    .descriptor =
        {.id = "ignored-profile",
         .summary = "Mode native: the pod has a seccomp or AppArmor profile that Sysbox "
                    "ignores",
         .default_action = RuleAction::kWarn,
         .calls = kPodRuleCalls,
         .explanation =
             {.checks = "Mode native: a seccomp or AppArmor profile of type Localhost, of the pod "
                        "or a container, or in an annotation of the older form.",
              .why = "Somebody may rely on it: Sysbox ignores AppArmor profiles, and a seccomp "
                     "profile cannot narrow what Sysbox allows.",
              .fix = "Do not rely on the profile, and remove it.",
              .fields = {"spec.securityContext.seccompProfile",
                         "spec.containers[*].securityContext.seccompProfile",
                         "spec.initContainers[*].securityContext.seccompProfile",
                         "spec.ephemeralContainers[*].securityContext.seccompProfile",
                         "spec.securityContext.appArmorProfile",
                         "spec.containers[*].securityContext.appArmorProfile",
                         "spec.initContainers[*].securityContext.appArmorProfile",
                         "spec.ephemeralContainers[*].securityContext.appArmorProfile",
                         "metadata.annotations[container.apparmor.security.beta.kubernetes.io/*]"},
              .settings = {"mode"},
              .sources =
                  {"https://github.com/nestybox/sysbox/blob/master/docs/user-guide/security.md"}}},
    .check = check_ignored_profile,
};

}  // namespace cvm
