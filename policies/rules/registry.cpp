#include "policies/rules/registry.hpp"

#include <algorithm>
#include <vector>

namespace cvm {
namespace {

constexpr const PodRule* kPodRules[] = {
#define CVM_POD_RULE(name) &rules::name,
#include "policies/rules/rules.def"
};

constexpr const NodeRule* kNodeRules[] = {
#define CVM_NODE_RULE(name) &rules::name,
#include "policies/rules/rules.def"
};

constexpr const PodChangeRule* kPodChangeRules[] = {
#define CVM_POD_CHANGE_RULE(name) &rules::name,
#include "policies/rules/rules.def"
};

constexpr const PodConnectionRule* kPodConnectionRules[] = {
#define CVM_POD_CONNECTION_RULE(name) &rules::name,
#include "policies/rules/rules.def"
};

}  // namespace

std::span<const PodRule* const> pod_rules() { return kPodRules; }
std::span<const NodeRule* const> node_rules() { return kNodeRules; }
std::span<const PodChangeRule* const> pod_change_rules() { return kPodChangeRules; }
std::span<const PodConnectionRule* const> pod_connection_rules() { return kPodConnectionRules; }

std::span<const RuleDescriptor* const> all_rules() {
  static const std::vector<const RuleDescriptor*> sorted = [] {
    std::vector<const RuleDescriptor*> all;
    const auto add = [&all](const RuleDescriptor& rule) { all.push_back(&rule); };
#define CVM_RULE(type, name) add(rules::name);
#include "policies/rules/rules.def"
    std::sort(all.begin(), all.end(),
              [](const auto* left, const auto* right) { return left->id < right->id; });
    return all;
  }();
  return sorted;
}

const RuleDescriptor* find_rule(std::string_view id) {
  const auto all = all_rules();
  const auto found = std::lower_bound(
      all.begin(), all.end(), id,
      [](const RuleDescriptor* rule, std::string_view wanted) { return rule->id < wanted; });
  return found == all.end() || (*found)->id != id ? nullptr : *found;
}

RuleAction action_of(const RuleDescriptor& rule, const Settings& settings) {
  const auto chosen = settings.rules.find(rule.id);
  return chosen == settings.rules.end() ? rule.default_action : chosen->second;
}

RuleAction action_of(const PodRule& rule, const Settings& settings) {
  if (rule.level == PodSecurityLevel::kPrivileged || settings.rules.contains(rule.descriptor.id)) {
    return action_of(rule.descriptor, settings);
  }
  const PodSecuritySettings& levels = settings.isolation.pod_security;
  if (levels.enforce >= rule.level) return RuleAction::kDeny;
  if (levels.warn >= rule.level) return RuleAction::kWarn;
  return levels.audit >= rule.level ? RuleAction::kAudit : RuleAction::kOff;
}

}  // namespace cvm
