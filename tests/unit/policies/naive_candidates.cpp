#include "tests/unit/policies/naive_candidates.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <optional>

#include "policies/model/pod_view.hpp"

namespace cvm {
namespace {

constexpr std::string_view kNaiveResource = "example.com/fpga";

bool is_one_of(std::string_view text, const std::pmr::vector<std::string_view>& values) {
  return std::find(values.begin(), values.end(), text) != values.end();
}

// As strconv.ParseInt reads it.
std::optional<std::int64_t> naive_integer(std::string_view text) {
  const std::string copy(text);
  const std::size_t digits = copy.find_first_not_of("+-");
  if (copy.empty() || digits == std::string::npos || digits > 1) return std::nullopt;
  if (copy.find_first_not_of("0123456789", digits) != std::string::npos) return std::nullopt;
  errno = 0;
  const std::int64_t value = std::strtoll(copy.c_str(), nullptr, 10);
  return errno == ERANGE ? std::nullopt : std::optional(value);
}

bool naive_expression(const NodeSelectorRequirement& requirement, const NodeFacts& node) {
  if (is_node_mark(requirement.key)) return true;
  const auto label = node.labels.find(requirement.key);
  const bool has = label != node.labels.end();
  switch (requirement.op) {
    case SelectorOperator::kIn:
      return has && is_one_of(label->second, requirement.values);
    case SelectorOperator::kNotIn:
      return !has || !is_one_of(label->second, requirement.values);
    case SelectorOperator::kExists:
      return has;
    case SelectorOperator::kDoesNotExist:
      return !has;
    case SelectorOperator::kGt:
    case SelectorOperator::kLt:
      break;
  }
  if (!has || requirement.values.size() != 1) return false;
  const auto value = naive_integer(label->second);
  const auto bound = naive_integer(requirement.values[0]);
  if (!value || !bound) return false;
  return requirement.op == SelectorOperator::kGt ? *value > *bound : *value < *bound;
}

bool naive_field(const NodeSelectorRequirement& field, const NodeFacts& node) {
  if (field.key != "metadata.name") return false;
  if (field.op == SelectorOperator::kIn) return is_one_of(node.name, field.values);
  return field.op == SelectorOperator::kNotIn && !is_one_of(node.name, field.values);
}

bool naive_term(const NodeSelectorTerm& term, const NodeFacts& node) {
  if (term.match_expressions.empty() && term.match_fields.empty()) return false;
  return std::all_of(term.match_expressions.begin(), term.match_expressions.end(),
                     [&node](const auto& each) { return naive_expression(each, node); }) &&
         std::all_of(term.match_fields.begin(), term.match_fields.end(),
                     [&node](const auto& each) { return naive_field(each, node); });
}

bool naive_compared(const Toleration& toleration, const Taint& taint) {
  const auto value = naive_integer(taint.value);
  const auto bound = naive_integer(toleration.value);
  if (!value || !bound) return false;
  return (toleration.op == "Gt" && *value > *bound) || (toleration.op == "Lt" && *value < *bound);
}

bool naive_tolerated(const PodView& pod, const PodNeeds& needs, const Taint& taint) {
  std::vector<Toleration> tolerations(pod.tolerations.begin(), pod.tolerations.end());
  if (needs.runtime_class != nullptr) {
    for (const auto& each : needs.runtime_class->tolerations) tolerations.push_back(each.view());
  }
  for (const Toleration& toleration : tolerations) {
    const bool effect = toleration.effect.empty() || toleration.effect == taint.effect;
    const bool key = toleration.key.empty() || toleration.key == taint.key;
    const bool equal = toleration.op.empty() || toleration.op == "Equal";
    const bool value = equal ? toleration.value == taint.value
                             : toleration.op == "Exists" || naive_compared(toleration, taint);
    if (effect && key && value) return true;
  }
  return false;
}

bool naive_selected(const NodeFacts& node, std::string_view key, std::string_view value) {
  if (is_node_mark(key)) return true;
  const auto label = node.labels.find(key);
  return label != node.labels.end() && label->second == value;
}

// Requests of the one resource that the random nodes have; plain containers only.
bool naive_enough(const PodView& pod, const NodeFacts& node) {
  std::int64_t wanted = 0;
  for (const Container& container : pod.containers) {
    for (const KeyValue& request : container.requests) {
      wanted += std::stoll(std::string(request.value));
    }
  }
  const auto has = node.extended_resources.find(kNaiveResource);
  return wanted <= (has == node.extended_resources.end() ? 0 : has->second);
}

bool naive_may_land(const PodView& pod, const PodNeeds& needs, const NodeFacts& node) {
  if (!naive_enough(pod, node)) return false;
  if (!pod.node_name.empty() && pod.node_name != node.name) return false;
  for (const Taint& taint : node.taints) {
    const bool counts =
        taint.effect == "NoExecute" || (taint.effect == "NoSchedule" && pod.node_name.empty());
    if (!counts || taint.key == "node.kubernetes.io/unschedulable") continue;
    if (!naive_tolerated(pod, needs, taint)) return false;
  }
  for (const KeyValue& wanted : pod.node_selector) {
    if (!naive_selected(node, wanted.key, wanted.value)) return false;
  }
  if (needs.runtime_class != nullptr) {
    for (const auto& [key, value] : needs.runtime_class->node_selector) {
      if (!naive_selected(node, key, value)) return false;
    }
  }
  if (!pod.required_node_affinity) return true;
  return std::any_of(pod.required_node_affinity->begin(), pod.required_node_affinity->end(),
                     [&node](const auto& term) { return naive_term(term, node); });
}

}  // namespace

ReasonsOfNode naive_reasons(const NodeFacts& node, const Settings& settings) {
  ReasonsOfNode reasons;
  for (const NodeRule* rule : node_rules()) {
    const auto problem = rule->check(node, settings);
    if (!problem) continue;
    const RuleAction chosen = action_of(*rule, settings);
    const RuleAction action = std::max(chosen, problem->action.value_or(chosen));
    if (action == RuleAction::kOff) continue;
    reasons.insert({rule->descriptor.id, problem->message, action, rule->gpu_pods_only});
  }
  return reasons;
}

Found naive_find(const PodView& pod, const PodNeeds& needs, const std::vector<NodeFacts>& nodes,
                 const std::vector<ReasonsOfNode>& reasons) {
  Found found;
  for (std::size_t node = 0; node < nodes.size(); ++node) {
    if (!naive_may_land(pod, needs, nodes[node])) continue;
    ++found.total;
    ReasonsOfNode held;
    for (const Reason& reason : reasons[node]) {
      if (needs.gpu || !std::get<bool>(reason)) held.insert(reason);
    }
    const bool usable = std::none_of(held.begin(), held.end(), [](const Reason& reason) {
      return std::get<RuleAction>(reason) == RuleAction::kDeny;
    });
    if (usable) ++found.usable;
    for (const Reason& reason : held) {
      ++found.reasons[reason].first;
      if (usable) ++found.reasons[reason].second;
    }
  }
  if (found.usable > 0) {
    std::erase_if(found.reasons, [](const auto& entry) {
      return std::get<RuleAction>(entry.first) == RuleAction::kDeny;
    });
  }
  return found;
}

Found indexed_find(const NodeInventory& inventory, const PodView& pod, const PodNeeds& needs,
                   NodeInventory::Candidates& work) {
  inventory.find_candidates(pod, needs, work);
  Found found{work.total, work.usable, {}};
  for (const NodeInventory::ReasonCount& count : work.reasons) {
    const NodeReason& reason = inventory.reasons()[count.reason];
    found.reasons[{reason.rule->id, reason.message, reason.action, reason.gpu_pods_only}] = {
        count.nodes, count.usable};
  }
  return found;
}

}  // namespace cvm
