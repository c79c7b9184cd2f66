// LabelIndex::separate: the label that tells some classes of nodes from others.
#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "policies/nodes/label_index.hpp"
#include "policies/nodes/node_inventory.hpp"

namespace cvm {

namespace {

// What the kubelet and Node Feature Discovery say of a node stays true of it, and holds for nodes
// to come; a pool's label does so mostly; of any other label nothing is known.
int rank_of(std::string_view key) {
  if (key == "kubernetes.io/os" || key == "kubernetes.io/arch") return 0;
  if (key.starts_with("feature.node.kubernetes.io/")) return 1;
  return key.find("pool") != std::string_view::npos ||
                 key.find("nodegroup") != std::string_view::npos
             ? 2
             : 3;
}

}  // namespace

std::optional<LabelSeparation> LabelIndex::separate(const Bitset& good, const Bitset& bad,
                                                    std::span<const std::string> own_keys) const {
  using Cost = std::tuple<int, std::size_t, std::string_view>;
  std::optional<std::pair<Cost, LabelSeparation>> best;
  for (const auto& [name, key] : keys_) {
    const bool is_own = std::find(own_keys.begin(), own_keys.end(), name) != own_keys.end();
    if (is_own || is_node_mark(name)) continue;
    auto found = separate_by(name, key, good, bad);
    if (!found || found->values.size() > Separation::kMostValues) continue;
    const Cost cost{rank_of(name), found->values.size(), name};
    if (!best || cost < best->first) best.emplace(cost, std::move(*found));
  }
  if (!best) return std::nullopt;
  std::sort(best->second.values.begin(), best->second.values.end());
  return std::move(best->second);
}

std::optional<LabelSeparation> LabelIndex::separate_by(std::string_view name, const Key& key,
                                                       const Bitset& good,
                                                       const Bitset& bad) const {
  const bool good_without = !key.nodes.covers(good);
  const bool bad_without = !key.nodes.covers(bad);
  if (good_without && bad_without) return std::nullopt;
  LabelSeparation of_good{name, SelectorOperator::kIn, {}};
  LabelSeparation of_bad{name, SelectorOperator::kNotIn, {}};
  for (const auto& [value, nodes] : key.values) {
    const bool is_good = nodes.intersects(good);
    const bool is_bad = nodes.intersects(bad);
    if (is_good && is_bad) return std::nullopt;
    if (is_good) of_good.values.push_back(value);
    if (is_bad) of_bad.values.push_back(value);
  }
  // Rather what is to be avoided than what is wanted: a node to come is mostly like the good ones.
  if (!bad_without && of_good.values.empty()) {
    return LabelSeparation{name, SelectorOperator::kDoesNotExist, {}};
  }
  if (!bad_without) return of_bad;
  if (of_bad.values.empty()) return LabelSeparation{name, SelectorOperator::kExists, {}};
  return of_good;
}

}  // namespace cvm
