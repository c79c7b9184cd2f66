// Refuses probes and lifecycle hooks that name a host: the kubelet, which is in the node's network,
// would connect to it for the user.
#include <fmt/format.h>

#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/rules/rules.hpp"
#include "policies/rules/user_part.hpp"

namespace cvm {

namespace {

void check_host_probes(const PodContext& context, Problems& problems) {
  for_each_user_container(context, [&](const Container& container) {
    for (const LifecycleAction& action : container.lifecycle_actions) {
      if (action.host.empty()) continue;
      problems.push_back({fmt::format("container {} has the kubelet connect to host {}; remove "
                                      "host: without it, the pod itself is meant",
                                      quoted(container.name), quoted(action.host)),
                          fmt::format("{}.{}.{}.host", field_path(container), action.where,
                                      to_string(action.kind))});
    }
  });
}

}  // namespace

constinit const PodRule rules::pod_security_host_probes{
    .descriptor = {.id = "pod-security-host-probes",
                   .summary = "Baseline: a probe or lifecycle hook names a host",
                   .calls = kPodRuleCalls,
                   .explanation = {.checks =
                                       "host of httpGet and tcpSocket in the probes and lifecycle "
                                       "hooks of all containers. Allowed: absent, empty.",
                                   .why = "The kubelet, which is in the node's network, would "
                                          "connect to that host for the user.",
                                   .fix = "Remove host: without it, the pod itself is meant.",
                                   .fields = {"spec.containers[*].livenessProbe",
                                              "spec.containers[*].readinessProbe",
                                              "spec.containers[*].startupProbe",
                                              "spec.containers[*].lifecycle",
                                              "spec.initContainers[*].livenessProbe",
                                              "spec.initContainers[*].readinessProbe",
                                              "spec.initContainers[*].startupProbe",
                                              "spec.initContainers[*].lifecycle",
                                              "spec.ephemeralContainers[*]"},
                                   .settings = {"isolation.podSecurity"},
                                   .sources = {"https://kubernetes.io/docs/concepts/security/"
                                               "pod-security-standards/#baseline"}}},
    .check = check_host_probes,
    .scope = Scope::kPod,
    .level = PodSecurityLevel::kBaseline,
};

}  // namespace cvm
