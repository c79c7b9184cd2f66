// Refuses SELinux users, roles, and types that are not made for containers.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/rules/rules.hpp"
#include "policies/rules/user_part.hpp"

namespace cvm {

namespace {

constexpr std::array<std::string_view, 5> kAllowedTypes = {"", "container_t", "container_init_t",
                                                           "container_kvm_t", "container_engine_t"};

void check_unset(std::string_view value, std::string_view name, const SecuritySubject& subject,
                 Problems& problems) {
  if (value.empty()) return;
  const std::string member = fmt::format("seLinuxOptions.{}", name);
  problems.push_back(
      {fmt::format("{} sets {}; remove it", subject.name(), member), subject.field(member)});
}

void check_selinux(const PodContext& context, Problems& problems) {
  for_each_security_context(context, [&](const CommonSecurityContext& security,
                                         const SecuritySubject& subject) {
    if (!security.se_linux_options) return;
    const SeLinuxOptions& options = *security.se_linux_options;
    const auto* const found = std::find(kAllowedTypes.begin(), kAllowedTypes.end(), options.type);
    if (found == kAllowedTypes.end()) {
      problems.push_back({fmt::format("{} sets seLinuxOptions.type to {}; use container_t, "
                                      "container_init_t, container_kvm_t or container_engine_t",
                                      subject.name(), quoted(options.type)),
                          subject.field("seLinuxOptions.type")});
    }
    check_unset(options.user, "user", subject, problems);
    check_unset(options.role, "role", subject, problems);
  });
}

}  // namespace

constinit const PodRule rules::pod_security_selinux{
    .descriptor = {.id = "pod-security-selinux",
                   .summary = "Baseline: the pod or a container sets an SELinux user or role, or a "
                              "type that is not for containers",
                   .calls = kPodRuleCalls,
                   .explanation =
                       {.checks =
                            "seLinuxOptions of the pod's and the containers' securityContext. "
                            "Allowed: type absent, empty, container_t, container_init_t, "
                            "container_kvm_t or container_engine_t; user and role absent or empty.",
                        .why = "Another type, user or role takes the container out of what SELinux "
                               "confines it to.",
                        .fix = "Use one of the allowed types, and remove user and role.",
                        .fields = {"spec.securityContext.seLinuxOptions",
                                   "spec.containers[*].securityContext.seLinuxOptions",
                                   "spec.initContainers[*].securityContext.seLinuxOptions",
                                   "spec.ephemeralContainers[*].securityContext.seLinuxOptions"},
                        .settings = {"isolation.podSecurity"},
                        .sources = {"https://kubernetes.io/docs/concepts/security/"
                                    "pod-security-standards/#baseline"}}},
    .check = check_selinux,
    .scope = Scope::kPod,
    .level = PodSecurityLevel::kBaseline,
};

}  // namespace cvm
