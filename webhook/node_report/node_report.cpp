#include "webhook/node_report/node_report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "policies/model/gpu.hpp"
#include "policies/rules/registry.hpp"

namespace cvm::webhook {
namespace {

GpuResources gpus_of(const NodeFacts& facts, const Compatibility& compatibility) {
  GpuResources gpus;
  for (const auto& [resource, pieces] : facts.extended_resources) {
    if (gpu_vendor(resource, compatibility)) gpus.emplace(resource, pieces);
  }
  return gpus;
}

bool has_nvidia(const GpuResources& gpus, const Compatibility& compatibility) {
  return std::any_of(gpus.begin(), gpus.end(), [&](const auto& gpu) {
    return gpu.second > 0 && gpu_vendor(gpu.first, compatibility) == GpuVendor::kNvidia;
  });
}

// The rules about pods that refuse every CVM with a GPU of this node: they say of the node whether
// its GPU is of use.
void add_pod_rules(const Settings& settings, NodeKind& kind) {
  const auto add = [&](const PodRule& rule, std::string message, std::string change) {
    const RuleAction action = action_of(rule, settings);
    if (action == RuleAction::kOff) return;
    kind.reasons.push_back(
        {rule.descriptor.id, action, true, std::move(message), std::move(change)});
  };
  if (!kind.has_gpu()) return;
  if (settings.mode == Mode::kNative) {
    add(rules::gpu_native, "Sysbox passes no GPU on to its pods", "leave the GPU out");
    return;
  }
  if (!has_nvidia(kind.gpus, settings.compatibility)) {
    add(rules::gpu_vendor, "CVMs can use NVIDIA GPUs only", "use nodes with NVIDIA GPUs");
  }
  if (settings.caching) {
    add(rules::gpu_caching, "CVMs are cached, which GPUs do not work with",
        "turn caching off, or leave the GPU out");
  }
}

NodeKind make_kind(const NodeInventory& inventory, std::size_t node_class,
                   const Settings& settings) {
  NodeKind kind;
  kind.facts = *(*inventory.catalog().classes)[node_class];
  kind.hosting = detect_hosting(kind.facts, settings.compatibility);
  kind.distribution = detect_distribution(kind.facts, settings.compatibility);
  kind.selinux = detect_selinux(kind.facts, settings.compatibility);
  kind.gpus = gpus_of(kind.facts, settings.compatibility);
  kind.user_namespaces = find_user_namespaces(kind.facts, settings.compatibility);
  for (const std::uint32_t position : inventory.reasons_of(node_class)) {
    const NodeReason& reason = inventory.reasons()[position];
    kind.reasons.push_back({reason.rule->id, reason.action, reason.gpu_pods_only, reason.message,
                            reason.summary.advice});
  }
  add_pod_rules(settings, kind);
  for (const ReportedReason& reason : kind.reasons) {
    if (reason.action != RuleAction::kDeny) continue;
    kind.gpu = false;
    if (!reason.gpu_pods_only) kind.cvm = false;
  }
  return kind;
}

}  // namespace

bool NodeKind::has_gpu() const {
  return std::any_of(gpus.begin(), gpus.end(), [](const auto& gpu) { return gpu.second > 0; });
}

std::string NodeReport::summary() const {
  std::string text = fmt::format("{} of {}{} can host CVMs", can_host, nodes.size(),
                                 nodes.size() == 1 ? " node" : " nodes");
  if (can_host > 0) {
    text += fmt::format(", {} of them with a GPU",
                        can_host_gpu == 0 ? "none" : std::to_string(can_host_gpu));
  }
  return text;
}

NodeReport make_node_report(const NodeInventory& inventory, const Settings& settings) {
  NodeReport report;
  report.mode = settings.mode;
  const NodeCatalog& catalog = inventory.catalog();
  for (std::size_t each = 0; each < catalog.classes->size(); ++each) {
    report.kinds.push_back(make_kind(inventory, each, settings));
  }
  report.nodes.reserve(catalog.size);
  catalog.for_each_node([&](const std::string& name, const NodeEntry& entry) {
    const NodeKind& kind = report.kinds[entry.node_class];
    report.nodes.push_back({name, entry.node_class});
    if (kind.cvm) ++report.can_host;
    if (kind.gpu && kind.has_gpu()) ++report.can_host_gpu;
  });
  std::sort(
      report.nodes.begin(), report.nodes.end(),
      [](const ReportedNode& one, const ReportedNode& other) { return one.name < other.name; });
  return report;
}

}  // namespace cvm::webhook
