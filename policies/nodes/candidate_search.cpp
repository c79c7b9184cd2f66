#include "policies/nodes/candidate_search.hpp"

#include <algorithm>
#include <optional>

#include "policies/model/pod_view.hpp"

namespace cvm {

namespace {

constexpr std::string_view kNameField = "metadata.name";
// Comparisons with single nodes that one pod is worth, some 50 ms. Beyond it (nobody writes such
// pods by hand) what is said of single nodes is passed over, which leaves more candidates.
constexpr std::size_t kMostComparisons = 10'000'000;

bool has(const Bitset& bits, std::uint32_t position) {
  return (bits[position / 64] >> (position % 64) & 1U) != 0;
}

// metadata.name is the one field, In and NotIn are the operators, that the API has for matchFields.
bool selects_field(const NodeSelectorRequirement& field, std::string_view name) {
  const bool known = field.op == SelectorOperator::kIn || field.op == SelectorOperator::kNotIn;
  return known && field.key == kNameField && selects(field, name);
}

bool is_empty(const NodeSelectorTerm& term) {
  return term.match_expressions.empty() && term.match_fields.empty();
}

}  // namespace

CandidateSearch::CandidateSearch(const NodeInventory& nodes, const PodView& pod,
                                 const PodNeeds& needs, Candidates& scratch)
    : catalog_(nodes.catalog()),
      index_(*nodes.index_),
      pod_(pod),
      runtime_class_(needs.runtime_class),
      scratch_(scratch) {
  rule_out_classes(needs);
  for (const KeyValue& label : pod.node_selector) keep_selected(label.key, label.value);
  if (runtime_class_ != nullptr) {
    for (const auto& [key, value] : runtime_class_->node_selector) keep_selected(key, value);
  }
  if (pod.required_node_affinity) keep_terms();
  if (!pod.node_name.empty()) ++said_of_nodes_;
  if (said_of_nodes_ > 0) find_names();
  const std::size_t nodes_to_compare = by_name_ ? scratch.names.size() : catalog_.size;
  if (nodes_to_compare > kMostComparisons / (said_of_nodes_ + 1)) said_of_nodes_ = 0;
}

void CandidateSearch::rule_out_classes(const PodNeeds& needs) {
  fill_all(scratch_.classes, index_.size());
  scratch_.tolerations.assign(pod_.tolerations.begin(), pod_.tolerations.end());
  if (needs.runtime_class != nullptr) {
    for (const StoredToleration& toleration : needs.runtime_class->tolerations) {
      scratch_.tolerations.push_back(toleration.view());
    }
  }
  index_.taints.remove_untolerated(scratch_.tolerations, pod_.node_name.empty(), scratch_.classes);
  extended_requests(pod_, scratch_.requests);
  index_.resources.keep_enough(scratch_.requests, scratch_.classes, scratch_.work[0]);
}

void CandidateSearch::keep_selected(std::string_view key, std::string_view value) {
  if (is_node_mark(key)) return;
  if (is_own(key)) {
    ++said_of_nodes_;
  } else {
    index_.labels.keep_label(key, value, scratch_.classes);
  }
}

// scratch.terms: for each term the classes that it leaves, as far as classes tell.
void CandidateSearch::keep_terms() {
  const auto& terms = *pod_.required_node_affinity;
  if (scratch_.terms.size() < terms.size()) scratch_.terms.resize(terms.size());
  for (std::size_t position = 0; position < terms.size(); ++position) {
    const NodeSelectorTerm& term = terms[position];
    Bitset& bits = scratch_.terms[position];
    bits = scratch_.classes;
    if (is_empty(term)) fill_none(bits, index_.size());
    for (const NodeSelectorRequirement& requirement : term.match_expressions) {
      if (is_node_mark(requirement.key)) continue;
      if (is_own(requirement.key)) {
        said_of_nodes_ += 1 + requirement.values.size();
      } else {
        index_.labels.keep_matching(requirement, bits, scratch_.work[0]);
      }
    }
    for (const NodeSelectorRequirement& field : term.match_fields) {
      said_of_nodes_ += 1 + field.values.size();
    }
  }
}

void CandidateSearch::keep_any_term() {
  if (!pod_.required_node_affinity) return;
  Bitset& any = scratch_.work[0];
  fill_none(any, index_.size());
  for (std::size_t term = 0; term < pod_.required_node_affinity->size(); ++term) {
    add(any, scratch_.terms[term]);
  }
  scratch_.classes.swap(any);
}

std::size_t CandidateSearch::own_key(std::string_view key) const {
  const auto& keys = catalog_.own_keys;
  return static_cast<std::size_t>(std::find(keys.begin(), keys.end(), key) - keys.begin());
}

// Whether a value of the label is the name of the one node that has it.
bool CandidateSearch::names_nodes(std::string_view key) const {
  const std::size_t position = own_key(key);
  return position < catalog_.own_keys.size() && catalog_.unlike_names[position] == 0;
}

bool CandidateSearch::names_nodes(const NodeSelectorRequirement& requirement) const {
  return requirement.op == SelectorOperator::kIn && names_nodes(requirement.key);
}

// Looks for something that every candidate must be named by.
void CandidateSearch::find_names() {
  scratch_.names.clear();
  if (!pod_.node_name.empty()) {
    scratch_.names.push_back(pod_.node_name);
    by_name_ = true;
    return;
  }
  for (const KeyValue& label : pod_.node_selector) {
    if (!names_nodes(label.key)) continue;
    scratch_.names.push_back(label.value);
    by_name_ = true;
    return;
  }
  if (!pod_.required_node_affinity) return;
  const auto& terms = *pod_.required_node_affinity;
  by_name_ = std::all_of(terms.begin(), terms.end(),
                         [this](const NodeSelectorTerm& term) { return add_names(term); });
  std::sort(scratch_.names.begin(), scratch_.names.end());
  scratch_.names.erase(std::unique(scratch_.names.begin(), scratch_.names.end()),
                       scratch_.names.end());
}

bool CandidateSearch::add_names(const NodeSelectorTerm& term) {
  if (is_empty(term)) return true;  // selects nothing
  const auto add_values = [this](const NodeSelectorRequirement& requirement) {
    scratch_.names.insert(scratch_.names.end(), requirement.values.begin(),
                          requirement.values.end());
    return true;
  };
  for (const NodeSelectorRequirement& field : term.match_fields) {
    if (field.key == kNameField && field.op == SelectorOperator::kIn) return add_values(field);
  }
  for (const NodeSelectorRequirement& requirement : term.match_expressions) {
    if (names_nodes(requirement)) return add_values(requirement);
  }
  return false;
}

bool CandidateSearch::matches(const std::string& name, const NodeEntry& entry) const {
  if (!has(scratch_.classes, entry.node_class)) return false;
  if (said_of_nodes_ == 0) return true;
  if (!pod_.node_name.empty() && pod_.node_name != name) return false;
  const auto has_own = [&](std::string_view key, std::string_view value) {
    const std::size_t position = own_key(key);
    if (position == catalog_.own_keys.size() || is_node_mark(key)) return true;
    return std::any_of(entry.own.begin(), entry.own.end(), [&](const OwnLabel& label) {
      return label.key == position && label.value == value;
    });
  };
  for (const KeyValue& label : pod_.node_selector) {
    if (!has_own(label.key, label.value)) return false;
  }
  if (runtime_class_ != nullptr) {
    for (const auto& [key, value] : runtime_class_->node_selector) {
      if (!has_own(key, value)) return false;
    }
  }
  if (!pod_.required_node_affinity) return true;
  const auto& terms = *pod_.required_node_affinity;
  for (std::size_t term = 0; term < terms.size(); ++term) {
    if (has(scratch_.terms[term], entry.node_class) && matches_own(terms[term], name, entry)) {
      return true;
    }
  }
  return false;
}

bool CandidateSearch::matches_own(const NodeSelectorTerm& term, const std::string& name,
                                  const NodeEntry& entry) const {
  for (const NodeSelectorRequirement& field : term.match_fields) {
    if (!selects_field(field, name)) return false;
  }
  return std::all_of(term.match_expressions.begin(), term.match_expressions.end(),
                     [&](const NodeSelectorRequirement& requirement) {
                       const std::size_t position = own_key(requirement.key);
                       if (position == catalog_.own_keys.size()) return true;
                       std::optional<std::string_view> value;
                       for (const OwnLabel& label : entry.own) {
                         if (label.key == position) value = label.value;
                       }
                       return selects(requirement, value);
                     });
}

void CandidateSearch::for_each_node(const Visit& visit) const {
  if (said_of_nodes_ == 0 || !by_name_) {
    catalog_.for_each_node([&](const std::string& name, const NodeEntry& entry) {
      if (matches(name, entry)) visit(name, entry);
    });
    return;
  }
  for (std::string_view name : scratch_.names) {
    const NodeShard& shard = *catalog_.shards[NodeCatalog::shard_of(name)];
    const auto found = shard.find(name);
    if (found != shard.end() && matches(found->first, found->second)) {
      visit(found->first, found->second);
    }
  }
}

// The templates that match: nodes without a name yet, and with the labels that the settings give.
void CandidateSearch::find_templates(Bitset& out) const {
  static const std::string kNoName;
  fill_none(out, index_.size());
  for (std::size_t each = index_.node_classes->size(); each < index_.size(); ++each) {
    NodeEntry entry{static_cast<std::uint32_t>(each), {}};
    for (std::uint32_t key = 0; key < catalog_.own_keys.size(); ++key) {
      const auto label = index_.all[each]->labels.find(catalog_.own_keys[key]);
      if (label != index_.all[each]->labels.end()) entry.own.push_back({key, label->second});
    }
    if (matches(kNoName, entry)) out[each / 64] |= std::uint64_t{1} << (each % 64);
  }
}

std::span<const std::uint32_t> CandidateSearch::find() {
  if (said_of_nodes_ == 0 && !index_.has_templates()) {
    keep_any_term();
    return catalog_.counts;
  }
  scratch_.counts.assign(index_.size(), 0);
  if (said_of_nodes_ == 0) {
    keep_any_term();
    std::copy(catalog_.counts.begin(), catalog_.counts.end(), scratch_.counts.begin());
    return scratch_.counts;
  }
  for_each_node(
      [this](const std::string&, const NodeEntry& entry) { ++scratch_.counts[entry.node_class]; });
  Bitset& templates = scratch_.work[0];
  find_templates(templates);
  scratch_.classes.swap(templates);
  for (std::size_t position = 0; position < scratch_.counts.size(); ++position) {
    if (scratch_.counts[position] > 0) {
      scratch_.classes[position / 64] |= std::uint64_t{1} << (position % 64);
    }
  }
  return scratch_.counts;
}

}  // namespace cvm
