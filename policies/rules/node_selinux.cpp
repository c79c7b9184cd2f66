// Refuses nodes with SELinux: CVMs are not supported where it is enabled.
//
// Fields: metadata.labels: what Node Feature Discovery says of the kernel; else
//         status.nodeInfo.osImage: the distribution, for its default.
// Source: facts.md, "Coder classic", "Sysbox" (not supported where SELinux is enabled), "Nodes".
#include "policies/compatibility/distribution.hpp"
#include "policies/rules/node_problem.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

constexpr std::string_view kSelinuxLabel = "feature.node.kubernetes.io/kernel-selinux.enabled";
// Node Feature Discovery sets this on every node that it has looked at, and kSelinuxLabel only
// where SELinux is enabled.
constexpr std::string_view kNfdKernelLabel = "feature.node.kubernetes.io/kernel-version.full";

constexpr std::string_view kAdvice =
    "CVMs do not run under SELinux; disable it on the node, and where it is disabled set the node "
    "label feature.node.kubernetes.io/kernel-selinux.enabled=false";

NodeSummary runs_selinux() {
  return {kRun, "SELinux", "Sysbox does not support it; use Ubuntu nodes"};
}

std::optional<NodeProblem> check(const NodeFacts& node, const Settings& settings) {
  if (runs_windows(node)) return std::nullopt;
  const Distribution distribution = detect_distribution(node, settings.compatibility);
  const std::string where = distribution.name.empty() ? "" : " (" + distribution.name + ")";
  const auto label = node.labels.find(kSelinuxLabel);
  if (label != node.labels.end()) {
    if (label->second == "false") return std::nullopt;
    return NodeProblem{"SELinux is enabled" + where + "; CVMs do not run under SELinux: choose " +
                           "other nodes or disable it on these",
                       runs_selinux()};
  }
  if (node.labels.contains(kNfdKernelLabel)) return std::nullopt;
  switch (find_support(distribution, settings.compatibility).selinux) {
    case SelinuxDefault::kOff:
      return std::nullopt;
    case SelinuxDefault::kOn:
      return NodeProblem{
          distribution.name + " has SELinux enabled by default; " + std::string(kAdvice),
          runs_selinux()};
    case SelinuxDefault::kUnknown:
      return not_known(
          "whether SELinux is enabled is not known" + where + "; " + std::string(kAdvice),
          {kHave, "SELinux enabled or not, which is not known",
           "set the node label feature.node.kubernetes.io/kernel-selinux.enabled"},
          settings.nodes.selinux_unknown);
  }
  return std::nullopt;
}

}  // namespace

constinit const NodeRule kNodeSelinux{
    .descriptor = {.id = "node-selinux", .summary = "SELinux is enabled on the node"},
    .check = check,
};

}  // namespace cvm
