// Refuses containers that listen on ports of the node.
#include <fmt/format.h>

#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/rules/rules.hpp"
#include "policies/rules/user_part.hpp"

namespace cvm {

namespace {

void check_host_ports(const PodContext& context, Problems& problems) {
  for_each_user_container(context, [&](const Container& container) {
    for (std::size_t index = 0; problems.left_out() == 0 && index < container.ports.size();
         ++index) {
      const std::int64_t port = container.ports[index].host_port.value_or(0);
      if (port == 0) continue;
      problems.push_back({fmt::format("container {} takes port {} of the node; remove hostPort, "
                                      "and reach the container through a Service",
                                      quoted(container.name), port),
                          fmt::format("{}.ports[{}].hostPort", field_path(container), index)});
    }
  });
}

}  // namespace

constinit const PodRule rules::pod_security_host_ports{
    .descriptor =
        {.id = "pod-security-host-ports",
         .summary = "Baseline: a container takes a port of the node",
         .calls = kPodRuleCalls,
         .explanation = {.checks = "spec.{initContainers,containers,ephemeralContainers}[*].ports[*"
                                   "].hostPort. Allowed: absent, 0.",
                         .why = "A port of the node is one that another pod or the node itself "
                                "cannot have, and by which it is passed for.",
                         .fix = "Remove hostPort, and reach the container through a Service.",
                         .fields = {"spec.containers[*].ports[*].hostPort",
                                    "spec.initContainers[*].ports[*].hostPort",
                                    "spec.ephemeralContainers[*].ports[*].hostPort"},
                         .settings = {"isolation.podSecurity"},
                         .sources = {"https://kubernetes.io/docs/concepts/security/"
                                     "pod-security-standards/#baseline"}}},
    .check = check_host_ports,
    .scope = Scope::kPod,
    .level = PodSecurityLevel::kBaseline,
};

}  // namespace cvm
