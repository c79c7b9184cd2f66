#include "webhook/suites/rule_use.hpp"

#include <algorithm>
#include <span>

#include "policies/registry.hpp"

namespace cvm::webhook {

namespace {

const Settings& settings_of(const ProfiledSettings& settings, const std::string& profile) {
  for (const ProfileSettings& each : settings.profiles) {
    if (each.name == profile) return each.settings;
  }
  return settings;
}

template <typename Rule>
const Rule* find(std::span<const Rule> rules, std::string_view id) {
  const auto found = std::find_if(rules.begin(), rules.end(),
                                  [id](const Rule& rule) { return rule.descriptor.id == id; });
  return found == rules.end() ? nullptr : &*found;
}

}  // namespace

RuleUses::RuleUses(const ProfiledSettings& settings, const SuiteCase& one, bool knows_nodes,
                   const CaseResult& result)
    : all_settings_(settings),
      settings_(settings_of(settings, result.answer.profile)),
      case_(one),
      knows_nodes_(knows_nodes),
      result_(result) {}

RuleUse RuleUses::of(std::string_view rule) const {
  const auto& findings = result_.answer.findings;
  if (std::any_of(findings.begin(), findings.end(),
                  [rule](const Finding& finding) { return finding.rule == rule; })) {
    return RuleUse::kFound;
  }
  if (is_off(rule) || !applies(rule)) return RuleUse::kSkipped;
  return result_.answer.allowed ? RuleUse::kPassed : RuleUse::kUnknown;
}

bool RuleUses::is_off(std::string_view rule) const {
  if (const PodRule* pod_rule = find(pod_rules(), rule)) {
    if (action_of(*pod_rule, settings_) == RuleAction::kOff) return true;
    const PodRule* const other = find(pod_rules(), pod_rule->covered_by);
    return other != nullptr && applies(other->descriptor.id) &&
           action_of(*other, settings_) == RuleAction::kDeny;
  }
  return action_of(*find_rule(rule), settings_) == RuleAction::kOff;
}

bool RuleUses::is_cvm_creation() const { return result_.is_creation && result_.answer.is_cvm; }

bool RuleUses::applies(std::string_view rule) const {
  if (const PodRule* pod_rule = find(pod_rules(), rule)) {
    return result_.is_creation && (pod_rule->scope != Scope::kCvm || result_.answer.is_cvm);
  }
  if (find(node_rules(), rule) != nullptr) return is_cvm_creation() && knows_nodes_;
  if (find(pod_change_rules(), rule) != nullptr) {
    return case_.change && case_.input_kind == SuiteCase::Input::kPod;
  }
  if (const PodConnectionRule* connection = find(pod_connection_rules(), rule)) {
    const auto& judged = connection->subresources;
    return case_.connect && std::find(judged.begin(), judged.end(),
                                      case_.connect->value("subresource", "")) != judged.end();
  }
  if (rule == namespace_label_rule().id) return case_.namespace_labels.has_value();
  if (rule == profile_choice_rule().id) {
    return result_.is_creation && !all_settings_.profiles.empty();
  }
  if (!is_cvm_creation()) return false;
  if (rule == no_candidate_node_rule().id) return knows_nodes_;
  if (rule == namespace_pod_security_rule().id) {
    return settings_.mode == Mode::kSupervised && !case_.enforced_level.empty();
  }
  if (rule == user_namespace_stale_rule().id || rule == user_namespace_mixed_rule().id) {
    return settings_.mode == Mode::kNative;
  }
  return true;  // plan-incomplete
}

}  // namespace cvm::webhook
