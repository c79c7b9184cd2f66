#include "policies/mutations/node_affinity.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

#include "policies/mutations/json_text.hpp"

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
    text += R"(,"values":[)";
    for (std::size_t each = 0; each < values.size(); ++each) {
      if (each > 0) text += ',';
      append_json_string(text, values[each]);
    }
    text += ']';
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
    if (text.size() > 1) text += ',';
    text += each;
  }
  return text + "]";
}

void append_operation(std::string_view path, std::string_view value, std::string& patch) {
  if (!patch.empty() && patch.back() != '[') patch += ',';
  patch += R"({"op":"add","path":)";
  append_json_string(patch, path);
  patch.append(R"(,"value":)").append(value).append("}");
}

constexpr std::string_view kRequired = "requiredDuringSchedulingIgnoredDuringExecution";

// Adds the affinity below whatever of it is there.
void append_new(const PodView& pod, const Requirements& requirements, std::string& patch) {
  const std::string_view list = requirements.list;
  std::string value =
      R"({"nodeSelectorTerms":[{")" + std::string(list) + "\":" + list_of(requirements) + "}]}";
  std::string path = "/spec/affinity/nodeAffinity/" + std::string(kRequired);
  if (!pod.has_node_affinity) {
    path = "/spec/affinity/nodeAffinity";
    value = R"({")" + std::string(kRequired) + "\":" + value + "}";
  }
  if (!pod.has_affinity) {
    path = "/spec/affinity";
    value = R"({"nodeAffinity":)" + value + "}";
  }
  append_operation(path, value, patch);
}

}  // namespace

void append_node_affinity(const PodView& pod, const Separation& apart, std::string& patch) {
  const Requirements requirements = requirements_of(apart);
  if (!pod.required_node_affinity) return append_new(pod, requirements, patch);
  const bool is_fields = apart.kind == Separation::Kind::kByName;
  const auto& terms = *pod.required_node_affinity;
  for (std::size_t each = 0; each < terms.size(); ++each) {
    const NodeSelectorTerm& term = terms[each];
    // An empty term selects nothing, and would select much with a requirement in it.
    if (term.match_expressions.empty() && term.match_fields.empty()) continue;
    const std::string path = "/spec/affinity/nodeAffinity/" + std::string(kRequired) +
                             "/nodeSelectorTerms/" + std::to_string(each) + "/" +
                             std::string(requirements.list);
    if (is_fields ? term.match_fields.empty() : term.match_expressions.empty()) {
      append_operation(path, list_of(requirements), patch);
      continue;
    }
    for (const std::string& text : requirements.texts) append_operation(path + "/-", text, patch);
  }
}

}  // namespace cvm
