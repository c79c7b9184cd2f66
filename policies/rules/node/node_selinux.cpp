// Refuses nodes with SELinux: CVMs are not supported where it is enabled.
#include <fmt/format.h>

#include "policies/compatibility/distribution.hpp"
#include "policies/compatibility/selinux.hpp"
#include "policies/rules/node/unknown_node.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

constexpr std::string_view kAdvice =
    "CVMs do not run under SELinux; disable it on the node, and where it is disabled set the node "
    "label feature.node.kubernetes.io/kernel-selinux.enabled=false";

NodeSummary runs_selinux() {
  return {kRun, "SELinux", "Sysbox does not support it; use Ubuntu nodes"};
}

std::optional<NodeProblem> check_node_selinux(const NodeFacts& node, const Settings& settings) {
  const Selinux selinux = detect_selinux(node, settings.compatibility);
  if (selinux.state == SelinuxState::kOff) return std::nullopt;
  const Distribution distribution = detect_distribution(node, settings.compatibility);
  const std::string where =
      distribution.name.empty() ? "" : fmt::format(" ({})", distribution.name);
  if (selinux.state == SelinuxState::kUnknown) {
    return not_known(fmt::format("whether SELinux is enabled is not known{}; {}", where, kAdvice),
                     {kHave, "SELinux enabled or not, which is not known",
                      "set the node label feature.node.kubernetes.io/kernel-selinux.enabled"},
                     settings.nodes.selinux_unknown);
  }
  if (selinux.source == SelinuxSource::kDistribution) {
    return NodeProblem{
        fmt::format("{} has SELinux enabled by default; {}", distribution.name, kAdvice),
        runs_selinux()};
  }
  return NodeProblem{fmt::format("SELinux is enabled{}; CVMs do not run under SELinux: choose "
                                 "other nodes or disable it on these",
                                 where),
                     runs_selinux()};
}

}  // namespace

constinit const NodeRule rules::node_selinux{
    .descriptor =
        {.id = "node-selinux",
         .summary = "SELinux is enabled on the node",
         .calls = kNodeRuleCalls,
         .explanation =
             {.checks = "SELinux is enabled on the node: by the label "
                        "feature.node.kubernetes.io/kernel-selinux.enabled, else by what the "
                        "distribution does by default.",
              .why = "Sysbox does not run where SELinux is enabled.",
              .fix = "Choose other nodes, or disable SELinux on these and set the label to "
                     "\"false\". What to do where nothing is known, nodes.selinuxUnknown says.",
              .fields =
                  {"Node metadata.labels[feature.node.kubernetes.io/kernel-selinux.enabled]",
                   "Node metadata.labels[feature.node.kubernetes.io/kernel-version.full]",
                   "Node status.nodeInfo.osImage",
                   "Node metadata.labels[feature.node.kubernetes.io/system-os_release.ID]",
                   "Node metadata.labels[feature.node.kubernetes.io/system-os_release.VERSION_ID]",
                   "Node status.nodeInfo.operatingSystem",
                   "Node metadata.labels[kubernetes.io/os]"},
              .settings = {"nodes.selinuxUnknown", "compatibility.distributions"},
              .sources = {"https://github.com/nestybox/sysbox/blob/master/docs/distro-compat.md",
                          "https://github.com/coder/docs/blob/main/admin/workspace-management/cvms/"
                          "index.md"}}},
    .check = check_node_selinux,
};

}  // namespace cvm
