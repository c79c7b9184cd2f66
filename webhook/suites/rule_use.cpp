#include "webhook/suites/rule_use.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace cvm::webhook {

namespace {

const Settings& settings_of(const ProfiledSettings& settings, const std::string& profile) {
  for (const ProfileSettings& each : settings.profiles) {
    if (each.name == profile) return each.settings;
  }
  return settings;
}

std::optional<RuleCall> call_of(const SuiteCase& one, const CaseResult& result) {
  if (result.is_creation) return RuleCall::kPodCreation;
  if (one.namespace_labels) return RuleCall::kNamespaceChange;
  if (one.change && one.input_kind == SuiteCase::Input::kPod) return RuleCall::kPodChange;
  if (one.bind) return RuleCall::kBinding;
  if (!one.connect) return std::nullopt;
  return call_of_subresource(one.connect->value("subresource", ""));
}

}  // namespace

RuleUses::RuleUses(const ProfiledSettings& settings, const SuiteCase& one, bool knows_nodes,
                   const CaseResult& result)
    : call_{.call = call_of(one, result),
            .settings = settings_of(settings, result.answer.profile),
            .is_cvm = result.answer.is_cvm || !result.is_creation,
            .knows_nodes = knows_nodes,
            .has_profiles = !settings.profiles.empty(),
            .enforces_pod_security = !one.enforced_level.empty()},
      result_(result) {}

RuleUse RuleUses::of(std::string_view rule) const {
  const auto& findings = result_.answer.findings;
  if (std::any_of(findings.begin(), findings.end(),
                  [rule](const Finding& finding) { return finding.rule == rule; })) {
    return RuleUse::kFound;
  }
  if (!why_skipped(rule, call_).empty()) return RuleUse::kSkipped;
  return result_.answer.allowed ? RuleUse::kPassed : RuleUse::kUnknown;
}

}  // namespace cvm::webhook
