#include "policies/nodes/reason_index.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "policies/rule.hpp"
#include "policies/rules/active_rules.hpp"
#include "policies/rules/registry.hpp"

namespace cvm {

namespace {

// In the order of reasons(): the rule's place in the registry, the text, the action.
using ReasonKey = std::tuple<std::size_t, std::string, RuleAction>;
struct Affected {
  NodeSummary summary;
  std::vector<std::uint32_t> nodes;
};
using NodesByReason = std::map<ReasonKey, Affected>;

// What is merely not known weakens a rule's action and never strengthens it.
RuleAction weaker(RuleAction rule, std::optional<RuleAction> problem) {
  return problem ? std::max(rule, *problem) : rule;
}
static_assert(RuleAction::kDeny < RuleAction::kWarn && RuleAction::kWarn < RuleAction::kAudit &&
              RuleAction::kAudit < RuleAction::kOff);

NodesByReason apply_rules(const NodeClasses& nodes, const Settings& settings) {
  NodesByReason found;
  const ActiveRules active(settings);
  const auto rules = active.node_rules();
  for (std::size_t rule = 0; rule < rules.size(); ++rule) {
    const RuleAction action = rules[rule].action;
    if (action == RuleAction::kOff) continue;
    for (std::uint32_t node = 0; node < nodes.size(); ++node) {
      auto problem = rules[rule].rule->check(*nodes[node], settings);
      if (!problem) continue;
      const RuleAction effective = weaker(action, problem->action);
      if (effective == RuleAction::kOff) continue;
      Affected& affected = found[{rule, std::move(problem->message), effective}];
      affected.summary = std::move(problem->summary);
      affected.nodes.push_back(node);
    }
  }
  return found;
}

}  // namespace

ReasonIndex::ReasonIndex(const NodeClasses& nodes, const Settings& settings) {
  for (Bitset& refused : refused_) fill_none(refused, nodes.size());
  std::vector<std::vector<std::uint32_t>> by_node(nodes.size());
  const auto rules = node_rules();
  for (auto& [key, affected] : apply_rules(nodes, settings)) {
    const auto& [rule_position, message, action] = key;
    const NodeRule& rule = *rules[rule_position];
    const auto position = static_cast<std::uint32_t>(reasons_.size());
    for (std::uint32_t node : affected.nodes) by_node[node].push_back(position);
    reasons_.push_back(
        {&rule.descriptor, action, rule.gpu_pods_only, message, std::move(affected.summary)});
    nodes_.emplace_back(std::move(affected.nodes), nodes.size());
    if (action != RuleAction::kDeny) continue;
    nodes_.back().add_to(refused_[1]);
    if (!rule.gpu_pods_only) nodes_.back().add_to(refused_[0]);
  }
  begins_.push_back(0);
  for (const auto& positions : by_node) {
    by_class_.insert(by_class_.end(), positions.begin(), positions.end());
    begins_.push_back(by_class_.size());
  }
}

std::span<const std::uint32_t> ReasonIndex::reasons_of(std::size_t node_class) const {
  return std::span(by_class_).subspan(begins_[node_class],
                                      begins_[node_class + 1] - begins_[node_class]);
}

void ReasonIndex::count(const Bitset& candidates, const Bitset& usable, bool any_usable,
                        std::span<const std::uint32_t> weights, bool requests_gpu,
                        std::vector<NodeInventory::ReasonCount>& out) const {
  for (std::uint32_t position = 0; position < reasons_.size(); ++position) {
    const NodeReason& reason = reasons_[position];
    if (reason.gpu_pods_only && !requests_gpu) continue;
    const bool denies = reason.action == RuleAction::kDeny;
    if (denies && any_usable) continue;
    const std::uint32_t held = nodes_[position].weigh_in(candidates, weights);
    if (held == 0) continue;
    // By definition no usable node has a denying reason.
    const std::uint32_t held_usable = denies ? 0 : nodes_[position].weigh_in(usable, weights);
    out.push_back({position, held, held_usable});
  }
}

}  // namespace cvm
