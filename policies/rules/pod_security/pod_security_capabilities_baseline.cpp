// Refuses capabilities that container runtimes do not give by default, and NET_RAW.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/rules/rules.hpp"
#include "policies/rules/user_part.hpp"

namespace cvm {

namespace {

constexpr std::array<std::string_view, 13> kAllowedCapabilities = {
    "AUDIT_WRITE",      "CHOWN",   "DAC_OVERRIDE", "FOWNER",  "FSETID", "KILL",      "MKNOD",
    "NET_BIND_SERVICE", "SETFCAP", "SETGID",       "SETPCAP", "SETUID", "SYS_CHROOT"};

void check_capabilities_baseline(const PodContext& context, Problems& problems) {
  for_each_user_container(context, [&](const Container& container) {
    const auto& added = container.security_context.added_capabilities;
    for (std::size_t index = 0; problems.left_out() == 0 && index < added.size(); ++index) {
      if (std::find(kAllowedCapabilities.begin(), kAllowedCapabilities.end(), added[index]) !=
              kAllowedCapabilities.end() ||
          is_injected_capability(container, added[index], context)) {
        continue;
      }
      const SecuritySubject subject{&container};
      problems.push_back(
          {fmt::format("{} adds the capability {}, which is not one of a runtime's default set; "
                       "remove it from securityContext.capabilities.add{}",
                       subject.name(), readable(added[index]),
                       debug_advice(container, PodSecurityLevel::kBaseline)),
           subject.field(fmt::format("capabilities.add[{}]", index))});
    }
  });
}

}  // namespace

constinit const PodRule rules::pod_security_capabilities_baseline{
    .descriptor =
        {.id = "pod-security-capabilities-baseline",
         .summary = "Baseline: a container adds a capability beyond the default set, or "
                    "NET_RAW",
         .calls = kPodRuleCalls,
         .explanation = {.checks = "spec.{initContainers,containers,ephemeralContainers}[*]."
                                   "securityContext.capabilities.add. Allowed: what container "
                                   "runtimes give by default, without NET_RAW; in a CVM also what "
                                   "isolation.injected.containers lets an injected container add.",
                         .why = "Each further capability is a part of root's rights on the node.",
                         .fix = "Remove the capability. kubectl debug adds one unless it is run "
                                "with --profile=baseline or restricted.",
                         .fields = {"spec.containers[*].securityContext.capabilities.add",
                                    "spec.initContainers[*].securityContext.capabilities.add",
                                    "spec.ephemeralContainers[*].securityContext.capabilities.add",
                                    "spec.initContainers[*].name", "spec.initContainers[*].image",
                                    "spec.initContainers[*].command",
                                    "spec.initContainers[*].restartPolicy",
                                    "spec.initContainers[*].env[*].name",
                                    "spec.initContainers[*].envFrom",
                                    "spec.initContainers[*].volumeMounts[*].mountPath"},
                         .settings = {"isolation.podSecurity", "isolation.injected"},
                         .sources = {"https://kubernetes.io/docs/concepts/security/"
                                     "pod-security-standards/#baseline"}}},
    .check = check_capabilities_baseline,
    .scope = Scope::kPod,
    .level = PodSecurityLevel::kBaseline,
    .covered_by = &rules::pod_security_capabilities_restricted,
};

}  // namespace cvm
