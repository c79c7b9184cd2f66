// Refuses kernels that are older than Sysbox supports on the node's distribution, those that the
// settings rule out, and kernel versions that cannot be read.
#include <fmt/format.h>

#include "policies/compatibility/distribution.hpp"
#include "policies/compatibility/kernel_version.hpp"
#include "policies/model/text.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

std::string kernel_on(const NodeFacts& node, const Distribution& distribution) {
  std::string text = "kernel " + readable(node.kernel_version);
  if (!distribution.name.empty()) text += fmt::format(" ({})", distribution.name);
  return text;
}

// Without the patch: "kernel 4.18 < 5.12".
NodeSummary too_old(const KernelVersion& kernel, const VersionNumber& needed) {
  const VersionNumber shown{kernel.number.major, kernel.number.minor,
                            needed.patch == 0 ? 0 : kernel.number.patch};
  return {kHave, fmt::format("kernel {} < {}", to_string(shown), to_string(needed)),
          "upgrade the kernel"};
}

const KernelRow* find_row(const KernelVersion& kernel, const Compatibility& compatibility) {
  for (const KernelRow& row : compatibility.kernels) {
    if (row.from && kernel.number < *row.from) continue;
    if (row.below && kernel.number >= *row.below) continue;
    if (row.flavour.empty() || kernel.has_flavour(row.flavour)) return &row;
  }
  return nullptr;
}

std::optional<NodeProblem> problem_of(const KernelRow& row, const std::string& kernel) {
  if (row.action == KernelAction::kAllow) return std::nullopt;
  const bool warns = row.action == KernelAction::kWarn;
  std::string message = fmt::format("{}{} by compatibility.kernels in the settings", kernel,
                                    warns ? " is advised against" : " is ruled out");
  if (!row.reason.empty()) message += ": " + row.reason;
  NodeSummary summary{
      kHave, fmt::format("a kernel that the settings {}", warns ? "advise against" : "rule out"),
      row.reason.empty() ? "compatibility.kernels" : row.reason};
  return NodeProblem{std::move(message), std::move(summary),
                     warns ? RuleAction::kWarn : RuleAction::kDeny};
}

std::optional<NodeProblem> check_node_kernel(const NodeFacts& node, const Settings& settings) {
  if (runs_windows(node)) return std::nullopt;
  const auto kernel = parse_kernel_version(node.kernel_version);
  if (!kernel) {
    return NodeProblem{
        fmt::format("kernel version {} cannot be read; a version such as 5.15.0-1051-aws is "
                    "expected in status.nodeInfo.kernelVersion of the node",
                    quoted(node.kernel_version)),
        {kHave, "a kernel version that cannot be read", "see status.nodeInfo"}};
  }
  const Distribution distribution = detect_distribution(node, settings.compatibility);
  if (const KernelRow* row = find_row(*kernel, settings.compatibility)) {
    return problem_of(*row, kernel_on(node, distribution));
  }
  const DistributionSupport support = find_support(distribution, settings.compatibility);
  if (kernel->number < support.minimum_kernel) {
    return NodeProblem{
        fmt::format("{} is too old for CVMs; upgrade it to {} or later",
                    kernel_on(node, distribution), to_string(support.minimum_kernel)),
        too_old(*kernel, support.minimum_kernel)};
  }
  if (kernel->number < support.undisputed_kernel) {
    return NodeProblem{
        fmt::format("{} is supported by some of Sysbox's documents and not by others; upgrade it "
                    "to {} or later",
                    kernel_on(node, distribution), to_string(support.undisputed_kernel)),
        too_old(*kernel, support.undisputed_kernel), RuleAction::kWarn};
  }
  return std::nullopt;
}

}  // namespace

constinit const NodeRule rules::node_kernel{
    .descriptor =
        {.id = "node-kernel",
         .summary = "The node's kernel is too old, or its version cannot be read",
         .calls = kNodeRuleCalls,
         .explanation =
             {.checks = "status.nodeInfo.kernelVersion is older than Sysbox supports on the node's "
                        "distribution (status.nodeInfo.osImage and the labels of Node Feature "
                        "Discovery), or cannot be read. Where sources disagree it warns.",
              .why = "Sysbox needs features of the kernel that older ones do not have.",
              .fix = "Upgrade the kernel. Where you know better, say so in compatibility.kernels, "
                     "which goes before the built-in table, or in compatibility.distributions.",
              .fields =
                  {"Node status.nodeInfo.kernelVersion", "Node status.nodeInfo.osImage",
                   "Node metadata.labels[feature.node.kubernetes.io/system-os_release.ID]",
                   "Node metadata.labels[feature.node.kubernetes.io/system-os_release.VERSION_ID]",
                   "Node status.nodeInfo.operatingSystem",
                   "Node metadata.labels[kubernetes.io/os]"},
              .settings = {"compatibility.kernels", "compatibility.distributions"},
              .sources = {"https://github.com/nestybox/sysbox/blob/master/docs/distro-compat.md"}}},
    .check = check_node_kernel,
};

}  // namespace cvm
