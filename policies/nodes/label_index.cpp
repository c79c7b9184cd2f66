#include "policies/nodes/label_index.hpp"

#include <algorithm>
#include <charconv>

namespace cvm {

std::optional<std::int64_t> parse_integer(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  std::int64_t value = 0;
  const char* begin = text.data();
  const char* end = begin + text.size();
  const auto [stop, error] = std::from_chars(begin, end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

bool selects(const NodeSelectorRequirement& requirement, std::optional<std::string_view> value) {
  const auto& values = requirement.values;
  const auto is_listed = [&] {
    return value && std::find(values.begin(), values.end(), *value) != values.end();
  };
  switch (requirement.op) {
    case SelectorOperator::kIn:
      return is_listed();
    case SelectorOperator::kNotIn:
      return !is_listed();
    case SelectorOperator::kExists:
      return value.has_value();
    case SelectorOperator::kDoesNotExist:
      return !value.has_value();
    case SelectorOperator::kGt:
    case SelectorOperator::kLt:
      break;
  }
  if (!value || values.size() != 1) return false;
  const auto number = parse_integer(*value);
  const auto bound = parse_integer(values.front());
  if (!number || !bound) return false;
  return requirement.op == SelectorOperator::kGt ? *number > *bound : *number < *bound;
}

LabelIndex::LabelIndex(const NodeClasses& nodes) : node_count_(nodes.size()) {
  struct Found {
    std::vector<std::uint32_t> nodes;
    std::unordered_map<std::string_view, std::vector<std::uint32_t>> values;
  };
  std::unordered_map<std::string_view, Found> found;
  for (std::uint32_t node = 0; node < nodes.size(); ++node) {
    for (const auto& [key, value] : nodes[node]->labels) {
      Found& label = found[key];
      label.nodes.push_back(node);
      label.values[value].push_back(node);
    }
  }
  for (auto& [name, label] : found) {
    Key& key = keys_.try_emplace(name, NodeSet(std::move(label.nodes), node_count_)).first->second;
    key.values.reserve(label.values.size());
    for (auto& [value, positions] : label.values) {
      const auto entry =
          key.values.try_emplace(value, NodeSet(std::move(positions), node_count_)).first;
      if (const auto number = parse_integer(value)) {
        key.numbers.emplace_back(*number, &entry->second);
      }
    }
  }
}

void LabelIndex::keep_label(std::string_view name, std::string_view value, Bitset& bits) const {
  const auto key = keys_.find(name);
  if (key == keys_.end()) return fill_none(bits, node_count_);
  const auto nodes = key->second.values.find(value);
  if (nodes == key->second.values.end()) return fill_none(bits, node_count_);
  nodes->second.keep_in(bits);
}

void LabelIndex::keep_matching(const NodeSelectorRequirement& requirement, Bitset& bits,
                               Bitset& work) const {
  const auto found = keys_.find(requirement.key);
  if (found == keys_.end()) {
    const bool holds_without_label = requirement.op == SelectorOperator::kNotIn ||
                                     requirement.op == SelectorOperator::kDoesNotExist;
    if (!holds_without_label) fill_none(bits, node_count_);
    return;
  }
  const Key& key = found->second;
  switch (requirement.op) {
    case SelectorOperator::kIn:
      fill_none(work, node_count_);
      for (std::string_view value : requirement.values) {
        if (const auto nodes = key.values.find(value); nodes != key.values.end()) {
          nodes->second.add_to(work);
        }
      }
      return keep(bits, work);
    case SelectorOperator::kNotIn:
      for (std::string_view value : requirement.values) {
        if (const auto nodes = key.values.find(value); nodes != key.values.end()) {
          nodes->second.remove_from(bits);
        }
      }
      return;
    case SelectorOperator::kExists:
      return key.nodes.keep_in(bits);
    case SelectorOperator::kDoesNotExist:
      return key.nodes.remove_from(bits);
    case SelectorOperator::kGt:
    case SelectorOperator::kLt:
      return keep_compared(key, requirement, bits, work);
  }
}

void LabelIndex::keep_compared(const Key& key, const NodeSelectorRequirement& requirement,
                               Bitset& bits, Bitset& work) const {
  fill_none(work, node_count_);
  const auto bound = requirement.values.size() == 1 ? parse_integer(requirement.values.front())
                                                    : std::optional<std::int64_t>();
  if (bound) {
    for (const auto& [number, nodes] : key.numbers) {
      const bool selected =
          requirement.op == SelectorOperator::kGt ? number > *bound : number < *bound;
      if (selected) nodes->add_to(work);
    }
  }
  keep(bits, work);
}

}  // namespace cvm
