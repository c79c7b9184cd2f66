// The catalogue as lists, in the order of rules.def, which is that of findings.
#pragma once

#include <span>
#include <string_view>

#include "policies/rules/rules.hpp"

namespace cvm {

std::span<const PodRule* const> pod_rules();
std::span<const NodeRule* const> node_rules();
std::span<const PodChangeRule* const> pod_change_rules();
std::span<const PodConnectionRule* const> pod_connection_rules();

// Every rule's descriptor, sorted by id.
std::span<const RuleDescriptor* const> all_rules();
// Null for an id that is no rule's.
const RuleDescriptor* find_rule(std::string_view id);

// The settings' action for a rule, else its default.
RuleAction action_of(const RuleDescriptor& rule, const Settings& settings);
RuleAction action_of(const PodRule& rule, const Settings& settings);

}  // namespace cvm
