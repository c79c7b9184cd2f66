// ActiveRules: what the rules of the catalogue do under some settings, resolved once when these are
// loaded, so that no decision looks up an action by a rule's id.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "policies/rules/rules.hpp"

namespace cvm {

// Beside the names of the catalogue: actions.tmp_mount.
struct RuleActions {
#define CVM_RULE(type, name) RuleAction name = RuleAction::kOff;
#include "policies/rules/rules.def"
};

template <typename Rule>
struct ActiveRule {
  const Rule* rule;
  RuleAction action;
};

struct ActivePodRule : ActiveRule<PodRule> {
  // The pods for which the rule that says the same and more denies; nothing: for none.
  std::optional<Scope> covered;
};

class ActiveRules {
 public:
  explicit ActiveRules(const Settings& settings);

  const RuleActions& actions() const { return actions_; }

  // All of a kind, also those that are off, in the order of the catalogue.
  std::span<const ActivePodRule> pod_rules() const { return pod_rules_; }
  std::span<const ActiveRule<NodeRule>> node_rules() const { return node_rules_; }
  std::span<const ActiveRule<PodChangeRule>> pod_change_rules() const { return change_rules_; }
  std::span<const ActiveRule<PodConnectionRule>> pod_connection_rules() const {
    return connection_rules_;
  }

 private:
  RuleActions actions_;
  std::vector<ActivePodRule> pod_rules_;
  std::vector<ActiveRule<NodeRule>> node_rules_;
  std::vector<ActiveRule<PodChangeRule>> change_rules_;
  std::vector<ActiveRule<PodConnectionRule>> connection_rules_;
};

}  // namespace cvm
