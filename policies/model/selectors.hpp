// What a pod says of the nodes that it may run on, and the string maps of Kubernetes objects, as
// views into what the decoder owns. Apart from pod_view.hpp, so that what needs only this is not
// compiled anew when PodView changes.
#pragma once

#include <memory_resource>
#include <optional>
#include <string_view>
#include <vector>

namespace cvm {

using Arena = std::pmr::memory_resource;

struct KeyValue {
  std::string_view key;
  std::string_view value;
};

// A string map in document order. Lookups are linear: pods carry a handful of entries.
class KeyValues : public std::pmr::vector<KeyValue> {
 public:
  using std::pmr::vector<KeyValue>::vector;

  std::optional<std::string_view> find(std::string_view key) const {
    for (const KeyValue& entry : *this) {
      if (entry.key == key) return entry.value;
    }
    return std::nullopt;
  }
};

enum class SelectorOperator { kIn, kNotIn, kExists, kDoesNotExist, kGt, kLt };

struct NodeSelectorRequirement {
  std::string_view key;
  SelectorOperator op = SelectorOperator::kIn;
  std::pmr::vector<std::string_view> values;

  explicit NodeSelectorRequirement(Arena* arena) : values(arena) {}
};

// Requirements of one term are ANDed; terms are ORed; a term without any matches no node.
struct NodeSelectorTerm {
  std::pmr::vector<NodeSelectorRequirement> match_expressions;
  std::pmr::vector<NodeSelectorRequirement> match_fields;

  explicit NodeSelectorTerm(Arena* arena) : match_expressions(arena), match_fields(arena) {}
};

struct Toleration {
  std::string_view key;  // empty with kExists: every key
  std::string_view op;   // "Exists", "Equal" or empty (Equal), "Gt", "Lt"
  std::string_view value;
  std::string_view effect;  // empty: every effect
};

}  // namespace cvm
