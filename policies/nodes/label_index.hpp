// LabelIndex: label key and value -> the nodes that carry them, for node selectors and affinity.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "policies/model/node_facts.hpp"
#include "policies/model/pod_view.hpp"
#include "policies/nodes/node_set.hpp"

namespace cvm {

class LabelIndex {
 public:
  // Keeps views into `nodes`, which must outlive it.
  explicit LabelIndex(std::span<const NodeFacts> nodes);

  // Removes from `bits` the nodes that do not carry exactly this label.
  void keep_label(std::string_view key, std::string_view value, Bitset& bits) const;

  // Removes from `bits` the nodes that the requirement does not select; the operators mean what
  // they mean to the scheduler. `work` is working memory.
  void keep_matching(const NodeSelectorRequirement& requirement, Bitset& bits, Bitset& work) const;

 private:
  struct Key {
    NodeSet nodes;  // that have the label, whatever its value
    std::unordered_map<std::string_view, NodeSet> values;
    std::vector<std::pair<std::int64_t, const NodeSet*>> numbers;  // the values that are integers

    explicit Key(NodeSet having) : nodes(std::move(having)) {}
  };

  void keep_compared(const Key& key, const NodeSelectorRequirement& requirement, Bitset& bits,
                     Bitset& work) const;

  std::unordered_map<std::string_view, Key> keys_;
  std::size_t node_count_;
};

}  // namespace cvm
