// The lists of rules and mutations. One line each, in the order in which findings are given.
#pragma once

#include <span>
#include <string_view>

#include "policies/rule.hpp"

namespace cvm {

std::span<const PodRule> pod_rules();
std::span<const NodeRule> node_rules();
std::span<const PodChangeRule> pod_change_rules();
std::span<const PodConnectionRule> pod_connection_rules();

// Rules that need more than one pod or node, or hold before a profile is chosen; the engine applies
// them.
const RuleDescriptor& no_candidate_node_rule();       // "no-candidate-node"
const RuleDescriptor& plan_incomplete_rule();         // "plan-incomplete"
const RuleDescriptor& namespace_label_rule();         // "namespace-label"
const RuleDescriptor& namespace_pod_security_rule();  // "namespace-pod-security"
const RuleDescriptor& user_namespace_stale_rule();    // "user-namespace-stale"
const RuleDescriptor& user_namespace_mixed_rule();    // "user-namespace-mixed"
const RuleDescriptor& profile_choice_rule();          // "profile-choice"

// Every rule's descriptor, sorted by id.
std::span<const RuleDescriptor> all_rules();
const RuleDescriptor* find_rule(std::string_view id);

// The settings' action for a rule, else its default.
RuleAction action_of(const RuleDescriptor& rule, const Settings& settings);
RuleAction action_of(const PodRule& rule, const Settings& settings);

}  // namespace cvm
