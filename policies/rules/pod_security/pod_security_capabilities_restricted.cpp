// Refuses containers that keep capabilities.

#include <fmt/format.h>

#include <algorithm>

#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/rules/rules.hpp"
#include "policies/rules/user_part.hpp"

namespace cvm {

namespace {

void check_container(const Container& container, const PodContext& context, Problems& problems) {
  const SecuritySubject subject{&container};
  const auto& dropped = container.security_context.dropped_capabilities;
  if (std::find(dropped.begin(), dropped.end(), "ALL") == dropped.end()) {
    problems.push_back(
        {fmt::format("{} keeps capabilities; set securityContext.capabilities.drop to [ALL]",
                     subject.name()),
         subject.field("capabilities.drop")});
  }
  const auto& added = container.security_context.added_capabilities;
  for (std::size_t index = 0; problems.left_out() == 0 && index < added.size(); ++index) {
    if (added[index] == "NET_BIND_SERVICE" ||
        is_injected_capability(container, added[index], context)) {
      continue;
    }
    problems.push_back(
        {fmt::format("{} adds the capability {}; remove it from securityContext.capabilities.add, "
                     "which may hold NET_BIND_SERVICE only{}",
                     subject.name(), readable(added[index]),
                     debug_advice(container, PodSecurityLevel::kRestricted)),
         subject.field(fmt::format("capabilities.add[{}]", index))});
  }
}

void check_capabilities_restricted(const PodContext& context, Problems& problems) {
  if (is_for_windows(context.pod)) return;
  for_each_user_container(
      context, [&](const Container& container) { check_container(container, context, problems); });
}

}  // namespace

constinit const PodRule rules::pod_security_capabilities_restricted{
    .descriptor =
        {.id = "pod-security-capabilities-restricted",
         .summary = "Restricted: a container does not drop ALL capabilities, or adds one "
                    "other than NET_BIND_SERVICE",
         .default_action = RuleAction::kOff,
         .calls = kPodRuleCalls,
         .explanation =
             {.checks =
                  "spec.{initContainers,containers,ephemeralContainers}[*].securityContext."
                  "capabilities. Allowed: drop with ALL; add absent or NET_BIND_SERVICE; in a CVM "
                  "also what isolation.injected.containers says. Pods for Windows are passed over.",
              .why = "A container that keeps capabilities keeps a part of root's rights.",
              .fix = "Set capabilities.drop to [ALL] and add nothing but NET_BIND_SERVICE.",
              .fields = {"spec.containers[*].securityContext.capabilities",
                         "spec.initContainers[*].securityContext.capabilities",
                         "spec.ephemeralContainers[*].securityContext.capabilities", "spec.os.name",
                         "spec.initContainers[*].name", "spec.initContainers[*].image",
                         "spec.initContainers[*].command", "spec.initContainers[*].restartPolicy",
                         "spec.initContainers[*].env[*].name",
                         "spec.initContainers[*].volumeMounts[*].mountPath"},
              .settings = {"isolation.podSecurity", "isolation.injected"},
              .sources = {"https://kubernetes.io/docs/concepts/security/pod-security-standards/"
                          "#restricted"}}},
    .check = check_capabilities_restricted,
    .scope = Scope::kPod,
    .level = PodSecurityLevel::kRestricted,
};

}  // namespace cvm
