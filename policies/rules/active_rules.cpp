#include "policies/rules/active_rules.hpp"

#include "policies/rules/registry.hpp"

namespace cvm {
namespace {

RuleAction action_of(UnknownAction action) {
  switch (action) {
    case UnknownAction::kAllow:
      return RuleAction::kOff;
    case UnknownAction::kWarn:
      return RuleAction::kWarn;
    case UnknownAction::kDeny:
      break;
  }
  return RuleAction::kDeny;
}

RuleActions resolve(const Settings& settings) {
  RuleActions actions;
#define CVM_RULE(type, name) actions.name = action_of(rules::name, settings);
#include "policies/rules/rules.def"
  actions.nodes_stale = action_of(settings.nodes.stale_action);  // a key of its own decides
  return actions;
}

template <typename Rule>
std::vector<ActiveRule<Rule>> resolve(std::span<const Rule* const> rules,
                                      const Settings& settings) {
  std::vector<ActiveRule<Rule>> active;
  active.reserve(rules.size());
  for (const Rule* rule : rules) active.push_back({rule, action_of(*rule, settings)});
  return active;
}

std::optional<Scope> covered_scope(const PodRule& rule, const Settings& settings) {
  const PodRule* const other = rule.covered_by;
  const bool denies = other != nullptr && action_of(*other, settings) == RuleAction::kDeny;
  return denies ? std::optional(other->scope) : std::nullopt;
}

}  // namespace

ActiveRules::ActiveRules(const Settings& settings)
    : actions_(resolve(settings)),
      node_rules_(resolve(cvm::node_rules(), settings)),
      change_rules_(resolve(cvm::pod_change_rules(), settings)),
      connection_rules_(resolve(cvm::pod_connection_rules(), settings)) {
  pod_rules_.reserve(cvm::pod_rules().size());
  for (const PodRule* rule : cvm::pod_rules()) {
    pod_rules_.push_back({{rule, action_of(*rule, settings)}, covered_scope(*rule, settings)});
  }
}

}  // namespace cvm
