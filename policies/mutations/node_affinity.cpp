#include "policies/mutations/node_affinity.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

#include "policies/model/json_text.hpp"
#include "policies/mutations/patch_writer.hpp"

namespace cvm {

namespace {

std::string_view to_string(SelectorOperator op) {
  switch (op) {
    case SelectorOperator::kIn:
      return "In";
    case SelectorOperator::kNotIn:
      return "NotIn";
    case SelectorOperator::kExists:
      return "Exists";
    case SelectorOperator::kDoesNotExist:
      return "DoesNotExist";
    case SelectorOperator::kGt:
      return "Gt";
    case SelectorOperator::kLt:
      break;
  }
  return "Lt";
}

template <typename Values>
std::string requirement(std::string_view key, SelectorOperator op, const Values& values) {
  std::string text = R"({"key":)";
  append_json_string(text, key);
  text.append(R"(,"operator":")").append(to_string(op)).append("\"");
  if (!values.empty()) {
    text += R"(,"values":)";
    append_json_strings(text, values);
  }
  return text + "}";
}

struct Requirements {
  std::string_view list;           // "matchExpressions" or "matchFields" of a term
  std::vector<std::string> texts;  // as JSON
};

Requirements requirements_of(const Separation& apart) {
  if (apart.kind == Separation::Kind::kByLabel) {
    return {"matchExpressions", {requirement(apart.label.key, apart.label.op, apart.label.values)}};
  }
  Requirements all{"matchFields", {}};
  // The API has one value for a field's requirement.
  for (const std::string& name : apart.names) {
    all.texts.push_back(requirement("metadata.name", SelectorOperator::kNotIn,
                                    std::vector<std::string_view>{name}));
  }
  return all;
}

std::string list_of(const Requirements& requirements) {
  std::string text = "[";
  for (const std::string& each : requirements.texts) {
    append_json_comma(text);
    text += each;
  }
  return text + "]";
}

constexpr std::string_view kRequired = "requiredDuringSchedulingIgnoredDuringExecution";
constexpr JsonPointer kAffinity = "/spec/affinity";
constexpr JsonPointer kNodeAffinity = "/spec/affinity/nodeAffinity";

// Adds the affinity below whatever of it is there.
void append_new(const PodView& pod, const Requirements& requirements, PatchWriter& patch) {
  const std::string required = R"({"nodeSelectorTerms":[{")" + std::string(requirements.list) +
                               "\":" + list_of(requirements) + "}]}";
  if (pod.has_node_affinity) return patch.add(kNodeAffinity / kRequired, required);
  const std::string node_affinity = R"({")" + std::string(kRequired) + "\":" + required + "}";
  if (pod.has_affinity) return patch.add(kNodeAffinity, node_affinity);
  patch.add(kAffinity, R"({"nodeAffinity":)" + node_affinity + "}");
}

}  // namespace

void append_node_affinity(const PodView& pod, const Separation& apart, PatchWriter& patch) {
  const Requirements requirements = requirements_of(apart);
  if (!pod.required_node_affinity) return append_new(pod, requirements, patch);
  const bool is_fields = apart.kind == Separation::Kind::kByName;
  const auto& terms = *pod.required_node_affinity;
  for (std::size_t each = 0; each < terms.size(); ++each) {
    const NodeSelectorTerm& term = terms[each];
    // An empty term selects nothing, and would select much with a requirement in it.
    if (term.match_expressions.empty() && term.match_fields.empty()) continue;
    const bool has_list = !(is_fields ? term.match_fields : term.match_expressions).empty();
    PatchWriter::List list = patch.list(
        kNodeAffinity / kRequired / "nodeSelectorTerms" / each / requirements.list, has_list);
    for (const std::string& text : requirements.texts) list.append(text);
  }
}

}  // namespace cvm
