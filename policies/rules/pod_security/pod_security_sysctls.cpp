// Refuses kernel parameters that act on more than the pod.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

constexpr std::array<std::string_view, 12> kAllowedSysctls = {
    "kernel.shm_rmid_forced",           "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports", "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",        "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",     "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",      "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",          "net.ipv4.tcp_wmem",
};

void check_sysctls(const PodContext& context, Problems& problems) {
  const KeyValues& sysctls = context.pod.security_context.sysctls;
  for (std::size_t index = 0; problems.left_out() == 0 && index < sysctls.size(); ++index) {
    const std::string_view name = sysctls[index].key;
    if (std::find(kAllowedSysctls.begin(), kAllowedSysctls.end(), name) != kAllowedSysctls.end())
      continue;
    problems.push_back({fmt::format("sysctl {} is not known to act on the pod alone; remove it "
                                    "from securityContext.sysctls",
                                    readable(name)),
                        fmt::format("spec.securityContext.sysctls[{}].name", index)});
  }
}

}  // namespace

constinit const PodRule rules::pod_security_sysctls{
    .descriptor =
        {.id = "pod-security-sysctls",
         .summary = "Baseline: the pod sets a sysctl that may act on the node",
         .calls = kPodRuleCalls,
         .explanation = {.checks =
                             "spec.securityContext.sysctls[*].name. Allowed: those that are known "
                             "to act on the pod alone, as net.ipv4.ip_unprivileged_port_start.",
                         .why = "Other kernel parameters act on the node and on every pod there.",
                         .fix = "Remove the sysctl.",
                         .fields = {"spec.securityContext.sysctls[*].name"},
                         .settings = {"isolation.podSecurity"},
                         .sources = {"https://kubernetes.io/docs/concepts/security/"
                                     "pod-security-standards/#baseline"}}},
    .check = check_sysctls,
    .scope = Scope::kPod,
    .level = PodSecurityLevel::kBaseline,
};

}  // namespace cvm
