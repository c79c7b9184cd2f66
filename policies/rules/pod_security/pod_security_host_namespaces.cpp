// Refuses pods that share the node's network, processes or IPC.
#include "policies/model/pod_view.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

void check_shared(bool shared, std::string_view name, Problems& problems) {
  if (!shared) return;
  problems.push_back({std::string(name) +
                          " is true, which shares a namespace of the node; remove " +
                          std::string(name),
                      "spec." + std::string(name)});
}

void check_host_namespaces(const PodContext& context, Problems& problems) {
  check_shared(context.pod.host_network, "hostNetwork", problems);
  check_shared(context.pod.host_pid, "hostPID", problems);
  check_shared(context.pod.host_ipc, "hostIPC", problems);
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
