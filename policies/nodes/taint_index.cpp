#include "policies/nodes/taint_index.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <utility>

#include "policies/nodes/label_index.hpp"

namespace cvm {

namespace {

constexpr std::string_view kNoSchedule = "NoSchedule";
constexpr std::string_view kNoExecute = "NoExecute";

// Kubernetes, "Well-Known Labels, Annotations and Taints": set and taken back by the control plane.
constexpr std::array<std::string_view, 8> kTransientTaints = {
    "node.kubernetes.io/not-ready",       "node.kubernetes.io/unreachable",
    "node.kubernetes.io/memory-pressure", "node.kubernetes.io/disk-pressure",
    "node.kubernetes.io/pid-pressure",    "node.kubernetes.io/network-unavailable",
    "node.kubernetes.io/unschedulable",   "node.cloudprovider.kubernetes.io/uninitialized",
};

struct TaintLess {
  bool operator()(const Taint* left, const Taint* right) const { return *left < *right; }
};

}  // namespace

bool is_transient(std::string_view key) {
  return std::find(kTransientTaints.begin(), kTransientTaints.end(), key) != kTransientTaints.end();
}

bool tolerates(const Toleration& toleration, const Taint& taint) {
  if (!toleration.effect.empty() && toleration.effect != taint.effect) return false;
  if (!toleration.key.empty() && toleration.key != taint.key) return false;
  if (toleration.op.empty() || toleration.op == "Equal") return toleration.value == taint.value;
  if (toleration.op == "Exists") return true;
  const bool greater = toleration.op == "Gt";
  if (!greater && toleration.op != "Lt") return false;
  const auto value = parse_integer(taint.value);
  const auto bound = parse_integer(toleration.value);
  if (!value || !bound) return false;
  return greater ? *value > *bound : *value < *bound;
}

TaintIndex::TaintIndex(const NodeClasses& nodes) {
  std::map<const Taint*, std::vector<std::uint32_t>, TaintLess> found;
  for (std::uint32_t node = 0; node < nodes.size(); ++node) {
    for (const Taint& taint : nodes[node]->taints) {
      if (taint.effect != kNoSchedule && taint.effect != kNoExecute) continue;
      if (is_transient(taint.key)) continue;
      std::vector<std::uint32_t>& tainted = found[&taint];
      if (tainted.empty() || tainted.back() != node) tainted.push_back(node);
    }
  }
  entries_.reserve(found.size());
  for (auto& [taint, tainted] : found) {
    entries_.push_back({taint, NodeSet(std::move(tainted), nodes.size())});
  }
}

void TaintIndex::remove_untolerated(std::span<const Toleration> tolerations, bool scheduled,
                                    Bitset& bits) const {
  for (const Entry& entry : entries_) {
    if (!scheduled && entry.taint->effect != kNoExecute) continue;
    const bool tolerated = std::any_of(
        tolerations.begin(), tolerations.end(),
        [&entry](const Toleration& toleration) { return tolerates(toleration, *entry.taint); });
    if (!tolerated) entry.nodes.remove_from(bits);
  }
}

}  // namespace cvm
