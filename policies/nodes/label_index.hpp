// LabelIndex: label key and value -> the node classes that carry them, for node selectors and
// affinity.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "policies/model/selectors.hpp"
#include "policies/nodes/node_catalog.hpp"
#include "policies/nodes/node_set.hpp"
#include "policies/nodes/separation.hpp"

namespace cvm {

// As the scheduler's strconv.ParseInt(text, 10, 64): an optional sign, digits, nothing else.
std::optional<std::int64_t> parse_integer(std::string_view text);

// Whether a node whose label of the requirement's key has this value (nullopt: has none) is
// selected; the operators mean what they mean to the scheduler.
bool selects(const NodeSelectorRequirement& requirement, std::optional<std::string_view> value);

class LabelIndex {
 public:
  // Keeps views into `classes`, which must outlive it.
  explicit LabelIndex(const NodeClasses& classes);

  // Removes from `bits` the classes that do not carry exactly this label.
  void keep_label(std::string_view key, std::string_view value, Bitset& bits) const;

  // Removes from `bits` the classes that the requirement does not select. `work` is working memory.
  void keep_matching(const NodeSelectorRequirement& requirement, Bitset& bits, Bitset& work) const;

  // What selects all classes of `good` and none of `bad` (no class is in both), the same on every
  // replica; nullopt: no label of few enough values does. Not by `own_keys`, which classes of nodes
  // do not show, nor by our marks.
  std::optional<LabelSeparation> separate(const Bitset& good, const Bitset& bad,
                                          std::span<const std::string> own_keys) const;

 private:
  struct Key {
    NodeSet nodes;  // that have the label, whatever its value
    std::unordered_map<std::string_view, NodeSet> values;
    std::vector<std::pair<std::int64_t, const NodeSet*>> numbers;  // the values that are integers

    explicit Key(NodeSet having) : nodes(std::move(having)) {}
  };

  void keep_compared(const Key& key, const NodeSelectorRequirement& requirement, Bitset& bits,
                     Bitset& work) const;

  std::optional<LabelSeparation> separate_by(std::string_view name, const Key& key,
                                             const Bitset& good, const Bitset& bad) const;

  std::unordered_map<std::string_view, Key> keys_;
  std::size_t node_count_;
};

}  // namespace cvm
