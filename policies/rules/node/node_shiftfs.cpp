// Refuses nodes that need the shiftfs kernel module and cannot have it: without caching those with
// a kernel before 5.12, with caching all (a cached CVM needs it whatever the kernel).
#include <fmt/format.h>

#include "policies/compatibility/distribution.hpp"
#include "policies/compatibility/kernel_version.hpp"
#include "policies/compatibility/node_statements.hpp"
#include "policies/model/text.hpp"
#include "policies/rules/node/unknown_node.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

struct Node {
  const NodeFacts& facts;
  const KernelVersion& kernel;
  Distribution distribution;
  const DistributionSupport& support;
  bool cached;

  // "kernel 5.4.0-1051-aws (Ubuntu 20.04) needs the kernel module shiftfs"
  std::string need() const {
    std::string text =
        cached ? "a cached CVM needs the kernel module shiftfs"
               : fmt::format("kernels before {} need the kernel module shiftfs for CVMs",
                             to_string(kShiftfsRequiredBelow));
    text += fmt::format(", and this is kernel {}", readable(facts.kernel_version));
    if (!distribution.name.empty()) text += fmt::format(" ({})", distribution.name);
    return text;
  }
};

// shiftfs is what all these nodes lack; `why` it is not there sets them apart.
NodeSummary no_shiftfs(std::string_view why, std::string advice) {
  return {kHave, fmt::format("no kernel module shiftfs{}", why), std::move(advice)};
}

std::string advice(const Node& node) {
  return node.cached
             ? "choose nodes with Ubuntu and a kernel from 5.4 to 6.2, or turn caching off"
             : fmt::format("upgrade the kernel to {} or later", to_string(kShiftfsRequiredBelow));
}

// The module is not there: can it be?
std::optional<NodeProblem> check_obtainable(const Node& node) {
  if (node.support.shiftfs == ShiftfsModule::kNone) {
    return NodeProblem{fmt::format("{}, which has no such module; {}", node.need(), advice(node)),
                       no_shiftfs("", advice(node))};
  }
  const VersionNumber& kernel = node.kernel.number;
  if (node.cached && (kernel < kShiftfsBuildsFrom || kernel >= kShiftfsBuildsBelow)) {
    return NodeProblem{
        fmt::format("{}, which the module cannot be built for; {}", node.need(), advice(node)),
        no_shiftfs("", advice(node))};
  }
  return std::nullopt;
}

std::string label(std::string_view name, std::string_view value) {
  return fmt::format("the node label {}={}", name, value);
}

// The supervisor builds the module with the node's kernel headers and loads it, unsigned.
std::optional<NodeProblem> check_autoload(const Node& node, const NodeSettings& settings) {
  const auto secure_boot = stated(node.facts, kSecureBootStatement);
  const auto headers = stated(node.facts, kKernelHeadersStatement);
  if (secure_boot == true) {
    return NodeProblem{
        fmt::format("{}, which secure boot keeps from being loaded; turn secure boot off on the "
                    "nodes, or caching",
                    node.need()),
        no_shiftfs(", which secure boot keeps out", "turn secure boot off, or caching")};
  }
  if (headers == false) {
    return NodeProblem{
        fmt::format("{}, which cannot be built without kernel headers; install them and set {}, or "
                    "turn caching off",
                    node.need(), label(kKernelHeadersStatement, "true")),
        no_shiftfs(" and no kernel headers to build it with", "install them, or turn caching off")};
  }
  std::optional<NodeProblem> problem;
  if (!secure_boot) {
    problem = not_known(
        fmt::format("{}, where secure boot, which keeps it from being loaded, is not known to be "
                    "off; if it is off set {}",
                    node.need(), label(kSecureBootStatement, "false")),
        no_shiftfs(" unless secure boot is off, which is not known",
                   fmt::format("set {} if it is off", label(kSecureBootStatement, "false"))),
        settings.secure_boot_unknown);
    if (problem && problem->action == RuleAction::kDeny) return problem;
  }
  if (!headers) {
    auto no_headers = not_known(
        fmt::format("{}, where the kernel headers that it is built with are not known to be there; "
                    "install them and set {}",
                    node.need(), label(kKernelHeadersStatement, "true")),
        no_shiftfs(" unless kernel headers are there, which is not known",
                   fmt::format("install them and set {}", label(kKernelHeadersStatement, "true"))),
        settings.kernel_headers_unknown);
    if (!problem || (no_headers && no_headers->action == RuleAction::kDeny)) return no_headers;
  }
  return problem;
}

std::optional<NodeProblem> check_present(const Node& node, const Settings& settings) {
  if (node.cached && settings.autoload_shiftfs) return check_autoload(node, settings.nodes);
  if (stated(node.facts, kShiftfsStatement) == false) {
    return NodeProblem{
        fmt::format("{}, which {}=false says is not loaded; load it and set {}, or {}", node.need(),
                    kShiftfsStatement, label(kShiftfsStatement, "true"), advice(node)),
        no_shiftfs("", fmt::format("load it, or {}", advice(node)))};
  }
  return not_known(fmt::format("{}, where it is not known to be loaded; load it and set {}",
                               node.need(), label(kShiftfsStatement, "true")),
                   no_shiftfs(" that is known to be loaded",
                              fmt::format("load it and set {}", label(kShiftfsStatement, "true"))),
                   settings.nodes.shiftfs_unknown);
}

std::optional<NodeProblem> check_node_shiftfs(const NodeFacts& facts, const Settings& settings) {
  // The installer of Sysbox brings the module with it.
  if (settings.mode == Mode::kNative) return std::nullopt;
  if (runs_windows(facts)) return std::nullopt;
  const auto kernel = parse_kernel_version(facts.kernel_version);
  if (!kernel) return std::nullopt;  // node-kernel says so
  if (!settings.caching && kernel->number >= kShiftfsRequiredBelow) return std::nullopt;

  Distribution distribution = detect_distribution(facts, settings.compatibility);
  const DistributionSupport support = find_support(distribution, settings.compatibility);
  const Node node{facts, *kernel, std::move(distribution), support, settings.caching};
  // Ubuntu's 5.15 for AWS, the kernel of EKS nodes: shiftfs loads there and cached CVMs fail.
  const bool eks_5_15 = kernel->number >= VersionNumber{5, 15} &&
                        kernel->number < VersionNumber{5, 16} && kernel->has_flavour("aws");
  if (settings.caching && eks_5_15) {
    return NodeProblem{fmt::format("cached CVMs do not work with the 5.15 kernels of EKS nodes, "
                                   "and this is {}; choose another kernel, or turn caching off",
                                   readable(facts.kernel_version)),
                       {kHave, "the kernel 5.15 of EKS, where cached CVMs do not work",
                        "use another kernel, or turn caching off"}};
  }
  if (stated(facts, kShiftfsStatement) == true) return std::nullopt;
  if (auto problem = check_obtainable(node)) return problem;
  return check_present(node, settings);
}

}  // namespace

constinit const NodeRule rules::node_shiftfs{
    .descriptor =
        {.id = "node-shiftfs",
         .summary = "The node needs the kernel module shiftfs and cannot have it",
         .calls = kNodeRuleCalls,
         .explanation =
             {.checks = "The node needs the kernel module shiftfs and cannot have it, or is not "
                        "known to have it: kernels before 5.12, and with caching all of them. It "
                        "reads the kernel, the distribution and the statements "
                        "cvm-webhook.io/shiftfs, secure-boot and kernel-headers.",
              .why = "Without shiftfs these kernels cannot give the files of a CVM their owners, "
                     "and cached CVMs need it whatever the kernel.",
              .fix = "Upgrade the kernel to 5.12 or later and turn caching off, or load the module "
                     "and label the node cvm-webhook.io/shiftfs=true.",
              .fields =
                  {"Node status.nodeInfo.kernelVersion", "Node status.nodeInfo.osImage",
                   "Node metadata.labels[feature.node.kubernetes.io/system-os_release.ID]",
                   "Node metadata.labels[feature.node.kubernetes.io/system-os_release.VERSION_ID]",
                   "Node metadata.labels[cvm-webhook.io/shiftfs]",
                   "Node metadata.annotations[cvm-webhook.io/shiftfs]",
                   "Node metadata.labels[cvm-webhook.io/secure-boot]",
                   "Node metadata.annotations[cvm-webhook.io/secure-boot]",
                   "Node metadata.labels[cvm-webhook.io/kernel-headers]",
                   "Node metadata.annotations[cvm-webhook.io/kernel-headers]"},
              .settings = {"caching", "autoloadShiftfs", "nodes.shiftfsUnknown",
                           "nodes.secureBootUnknown", "nodes.kernelHeadersUnknown",
                           "compatibility.distributions"},
              .sources = {"https://github.com/nestybox/sysbox/blob/master/docs/distro-compat.md",
                          "https://github.com/coder/docs/blob/main/admin/workspace-management/cvms/"
                          "management.md",
                          "https://github.com/coder/docs/blob/main/admin/workspace-management/cvms/"
                          "cluster-setup.md"}}},
    .check = check_node_shiftfs,
};

}  // namespace cvm
