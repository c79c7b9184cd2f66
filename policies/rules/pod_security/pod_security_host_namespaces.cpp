// Refuses pods that share the node's network, processes or IPC.
#include <fmt/format.h>

#include "policies/model/pod_view.hpp"
#include "policies/rules/rules.hpp"
#include "policies/rules/user_part.hpp"

namespace cvm {

namespace {

void check_host_namespaces(const PodContext& context, Problems& problems) {
  for_each_shared_namespace(context.pod, [&](std::string_view name) {
    problems.push_back(
        {fmt::format("{0} is true, which shares a namespace of the node; remove {0}", name),
         fmt::format("spec.{}", name)});
  });
}

}  // namespace

constinit const PodRule rules::pod_security_host_namespaces{
    .descriptor = {.id = "pod-security-host-namespaces",
                   .summary = "Baseline: the pod uses hostNetwork, hostPID or hostIPC",
                   .calls = kPodRuleCalls,
                   .explanation =
                       {.checks =
                            "spec.hostNetwork, spec.hostPID, spec.hostIPC. Allowed: absent, false.",
                        .why = "Containers that share the node's network, processes or IPC reach "
                               "what else runs on it.",
                        .fix = "Remove the field.",
                        .fields = {"spec.hostNetwork", "spec.hostPID", "spec.hostIPC"},
                        .settings = {"isolation.podSecurity"},
                        .sources = {"https://kubernetes.io/docs/concepts/security/"
                                    "pod-security-standards/#baseline"}}},
    .check = check_host_namespaces,
    .scope = Scope::kPod,
    .level = PodSecurityLevel::kBaseline,
    .covered_by = &rules::host_namespaces,
};

}  // namespace cvm
