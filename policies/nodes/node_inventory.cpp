#include "policies/nodes/node_inventory.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "policies/nodes/label_index.hpp"
#include "policies/nodes/node_set.hpp"
#include "policies/nodes/reason_index.hpp"
#include "policies/nodes/taint_index.hpp"

namespace cvm {

// Labels, taints and names are views into `nodes`, which never changes.
struct NodeInventory::Index {
  std::vector<NodeFacts> nodes;
  LabelIndex labels;
  TaintIndex taints;
  ReasonIndex reasons;
  std::unordered_map<std::string_view, std::uint32_t> by_name;

  Index(std::vector<NodeFacts> all, const Settings& settings)
      : nodes(std::move(all)), labels(nodes), taints(nodes), reasons(nodes, settings) {
    by_name.reserve(nodes.size());
    for (std::uint32_t node = 0; node < nodes.size(); ++node) {
      by_name.try_emplace(nodes[node].name, node);
    }
  }

  // Sets `bits` to the node of that name, or to none.
  void set_named(std::string_view name, Bitset& bits) const {
    fill_none(bits, nodes.size());
    add_named(name, bits);
  }

  void add_named(std::string_view name, Bitset& bits) const {
    if (const auto node = by_name.find(name); node != by_name.end()) {
      bits[node->second / 64] |= std::uint64_t{1} << (node->second % 64);
    }
  }

  void keep_fields(const NodeSelectorRequirement& requirement, Bitset& bits, Bitset& work) const;
  void keep_term(const NodeSelectorTerm& term, Bitset& bits, Bitset& work) const;
  void keep_affinity(const std::pmr::vector<NodeSelectorTerm>& terms, Bitset& bits,
                     Candidates& out) const;
};

// metadata.name is the one field, In and NotIn are the operators, that the API has for matchFields.
void NodeInventory::Index::keep_fields(const NodeSelectorRequirement& requirement, Bitset& bits,
                                       Bitset& work) const {
  const bool in = requirement.op == SelectorOperator::kIn;
  if (requirement.key != "metadata.name" || (!in && requirement.op != SelectorOperator::kNotIn)) {
    return fill_none(bits, nodes.size());
  }
  fill_none(work, nodes.size());
  for (std::string_view name : requirement.values) add_named(name, work);
  in ? keep(bits, work) : remove(bits, work);
}

void NodeInventory::Index::keep_term(const NodeSelectorTerm& term, Bitset& bits,
                                     Bitset& work) const {
  if (term.match_expressions.empty() && term.match_fields.empty()) {
    return fill_none(bits, nodes.size());
  }
  for (const NodeSelectorRequirement& requirement : term.match_expressions) {
    // Held by every node, whatever the operator, as in nodeSelector.
    if (is_node_mark(requirement.key)) continue;
    labels.keep_matching(requirement, bits, work);
  }
  for (const NodeSelectorRequirement& requirement : term.match_fields) {
    keep_fields(requirement, bits, work);
  }
}

void NodeInventory::Index::keep_affinity(const std::pmr::vector<NodeSelectorTerm>& terms,
                                         Bitset& bits, Candidates& out) const {
  Bitset& any_term = out.scratch[1];
  Bitset& one_term = out.scratch[2];
  fill_none(any_term, nodes.size());
  for (const NodeSelectorTerm& term : terms) {
    one_term = bits;
    keep_term(term, one_term, out.scratch[3]);
    add(any_term, one_term);
  }
  bits.swap(any_term);
}

NodeInventory::NodeInventory() = default;
NodeInventory::~NodeInventory() = default;

std::shared_ptr<const NodeInventory> NodeInventory::build(std::vector<NodeFacts> nodes,
                                                          const Settings& settings) {
  std::shared_ptr<NodeInventory> inventory(new NodeInventory);
  inventory->index_ = std::make_unique<Index>(std::move(nodes), settings);
  return inventory;
}

std::span<const NodeFacts> NodeInventory::nodes() const { return index_->nodes; }

std::span<const NodeReason> NodeInventory::reasons() const { return index_->reasons.reasons(); }

std::span<const std::uint32_t> NodeInventory::reasons_of(std::size_t node) const {
  return index_->reasons.reasons_of(node);
}

void NodeInventory::find_candidates(const PodView& pod, bool requests_gpu, Candidates& out) const {
  out.clear();
  Bitset& bits = out.scratch[0];
  const bool scheduled = pod.node_name.empty();
  if (scheduled) {
    fill_all(bits, index_->nodes.size());
  } else {
    index_->set_named(pod.node_name, bits);
  }
  index_->taints.remove_untolerated(pod.tolerations, scheduled, bits);
  for (const KeyValue& label : pod.node_selector) {
    // Whether a node can host a CVM is decided here, and a node that cannot is named with its
    // reason instead of being passed over for want of the mark.
    if (is_node_mark(label.key)) continue;
    index_->labels.keep_label(label.key, label.value, bits);
  }
  if (pod.required_node_affinity) index_->keep_affinity(*pod.required_node_affinity, bits, out);

  out.total = count(bits);
  if (out.total == 0) return;
  Bitset& usable = out.scratch[1];
  usable = bits;
  remove(usable, index_->reasons.refused(requests_gpu));
  out.usable = count(usable);
  index_->reasons.count(bits, usable, requests_gpu, out.reasons);
}

}  // namespace cvm
