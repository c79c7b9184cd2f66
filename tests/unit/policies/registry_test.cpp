#include "policies/rules/registry.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace cvm {
namespace {

TEST(Registry, SortsRulesAndNamesEachOnce) {
  std::set<std::string_view> ids;
  std::string_view previous;
  for (const RuleDescriptor* rule : all_rules()) {
    EXPECT_LT(previous, rule->id);
    EXPECT_TRUE(ids.insert(rule->id).second) << rule->id;
    EXPECT_FALSE(rule->summary.empty()) << rule->id;
    previous = rule->id;
  }
}

TEST(Registry, NamesEachRuleByItsId) {
  const auto expect_named = [](std::string_view id, std::string name) {
    std::replace(name.begin(), name.end(), '_', '-');
    EXPECT_EQ(id, name);
    EXPECT_NE(find_rule(id), nullptr) << id;
  };
#define CVM_RULE(type, name) \
  expect_named(static_cast<const RuleDescriptor&>(rules::name).id, #name);
#include "policies/rules/rules.def"
}

TEST(Registry, LeavesOffOfPodRulesOnlyWhatTheDefaultPodSecurityLevelDoesNotAskFor) {
  for (const PodRule* rule : pod_rules()) {
    const RuleDescriptor& descriptor = rule->descriptor;
    EXPECT_EQ(action_of(*rule, Settings{}), descriptor.default_action) << descriptor.id;
    EXPECT_EQ(descriptor.default_action == RuleAction::kOff,
              rule->level == PodSecurityLevel::kRestricted)
        << descriptor.id;
  }
}

TEST(Registry, KnowsTheControlsOfThePodSecurityStandardsByTheirNames) {
  for (const PodRule* rule : pod_rules()) {
    const bool is_control = rule->level != PodSecurityLevel::kPrivileged;
    EXPECT_EQ(rule->descriptor.id.starts_with("pod-security-"), is_control) << rule->descriptor.id;
    if (is_control) {
      EXPECT_EQ(rule->scope, Scope::kPod) << rule->descriptor.id;
    }
  }
}

TEST(Registry, TakesAControlsActionFromTheModeThatAsksForItsLevel) {
  const PodRule& baseline = rules::pod_security_host_ports;
  const PodRule& restricted = rules::pod_security_run_as_user;
  Settings settings;
  PodSecuritySettings& levels = settings.isolation.pod_security;
  levels = {.warn = PodSecurityLevel::kRestricted, .audit = PodSecurityLevel::kRestricted};
  EXPECT_EQ(action_of(baseline, settings), RuleAction::kDeny);
  EXPECT_EQ(action_of(restricted, settings), RuleAction::kWarn);
  levels = {.enforce = PodSecurityLevel::kPrivileged,
            .warn = PodSecurityLevel::kBaseline,
            .audit = PodSecurityLevel::kRestricted};
  EXPECT_EQ(action_of(baseline, settings), RuleAction::kWarn);
  EXPECT_EQ(action_of(restricted, settings), RuleAction::kAudit);
  levels = {.enforce = PodSecurityLevel::kPrivileged};
  EXPECT_EQ(action_of(baseline, settings), RuleAction::kOff);
  settings.rules["pod-security-host-ports"] = RuleAction::kDeny;
  EXPECT_EQ(action_of(baseline, settings), RuleAction::kDeny);
}

TEST(Registry, ExplainsEveryRule) {
  for (const RuleDescriptor* rule : all_rules()) {
    const RuleExplanation& explanation = rule->explanation;
    EXPECT_TRUE(explanation.checks.ends_with('.')) << rule->id;
    EXPECT_TRUE(explanation.why.ends_with('.')) << rule->id;
    EXPECT_TRUE(explanation.fix.ends_with('.')) << rule->id;
    EXPECT_FALSE(explanation.sources.front().empty()) << rule->id;
  }
}

TEST(Registry, NamesTheFieldsThatEveryRuleReads) {
  // An object of another kind than Pod, then names with dots between; after a name "[*]" for each
  // element or "[key]" for one of a map, whose end "*" leaves open.
  const std::regex grammar(
      "((AdmissionReview|Binding|Namespace|Node|PersistentVolume|PodAttachOptions|PodExecOptions|"
      "RuntimeClass) )?"
      R"([a-z][A-Za-z]*(\[(\*|[a-z0-9][A-Za-z0-9./_-]*\*?)\])?)"
      R"((\.[a-z][A-Za-z]*(\[(\*|[a-z0-9][A-Za-z0-9./_-]*\*?)\])?)*)");
  for (const RuleDescriptor* rule : all_rules()) {
    const auto& fields = rule->explanation.fields;
    EXPECT_FALSE(fields.front().empty()) << rule->id;
    const auto* const end = std::find(fields.begin(), fields.end(), "");
    EXPECT_TRUE(std::all_of(end, fields.end(), [](auto field) { return field.empty(); }))
        << rule->id;
    std::set<std::string_view> seen;
    for (const auto* field = fields.begin(); field != end; ++field) {
      EXPECT_TRUE(std::regex_match(std::string(*field), grammar)) << rule->id << ": " << *field;
      EXPECT_TRUE(seen.insert(*field).second) << rule->id << ": " << *field;
    }
  }
}

TEST(Registry, KnowsTheCallsThatARuleJudges) {
  using enum RuleCall;
  for (const RuleDescriptor* rule : all_rules()) EXPECT_FALSE(rule->calls.empty()) << rule->id;
  const auto calls_of = [](const RuleDescriptor& rule) { return rule.calls; };
  EXPECT_EQ(calls_of(rules::privileged_workspace),
            (RuleCalls{kPodCreation, kPodTemplate, kPodChange}));
  EXPECT_EQ(calls_of(rules::node_selinux), (RuleCalls{kPodCreation, kPodTemplate, kBinding}));
  EXPECT_EQ(calls_of(rules::plan_changed), (RuleCalls{kPodChange, kBinding}));
  EXPECT_EQ(calls_of(rules::host_volume),
            (RuleCalls{kPodCreation, kPodTemplate, kPodChange, kBinding}));
  EXPECT_EQ(calls_of(rules::supervisor_access), (RuleCalls{kExec, kAttach}));
  EXPECT_EQ(calls_of(rules::namespace_label), RuleCalls{kNamespaceChange});
  EXPECT_EQ(calls_of(rules::plan_incomplete), RuleCalls{kPodCreation});
}

TEST(Registry, AsksEveryRuleOfAKindInTheCallsOfTheKind) {
  for (const PodRule* rule : pod_rules()) {
    EXPECT_TRUE(rule->descriptor.calls.contains(kPodRuleCalls)) << rule->descriptor.id;
  }
  for (const NodeRule* rule : node_rules()) {
    EXPECT_EQ(rule->descriptor.calls, kNodeRuleCalls) << rule->descriptor.id;
  }
  for (const PodChangeRule* rule : pod_change_rules()) {
    EXPECT_TRUE(rule->descriptor.calls.contains(RuleCall::kPodChange)) << rule->descriptor.id;
  }
}

TEST(Registry, SaysWhatDecidesOnlyWhereTheSettingsDoNot) {
  std::set<std::string_view> fixed;
  for (const RuleDescriptor* rule : all_rules()) {
    if (!rule->fixed.empty()) fixed.insert(rule->id);
  }
  EXPECT_EQ(fixed, (std::set<std::string_view>{"no-compatible-node", "node-binding", "nodes-stale",
                                               "outside-namespace", "pod-unknown",
                                               "runtime-class-handler", "runtime-class-missing",
                                               "runtime-class-nodes", "unmarked-nodes"}));
}

TEST(Registry, NamesTheRulesThatGuardTheSupervisor) {
  std::set<std::string_view> guards;
  for (const RuleDescriptor* rule : all_rules()) {
    if (rule->guards_supervisor) guards.insert(rule->id);
  }
  EXPECT_EQ(guards, (std::set<std::string_view>{"cvm-opt-out", "plan-changed", "plan-incomplete",
                                                "reserved-name", "supervisor-access"}));
}

TEST(Registry, FindsRulesByIdAndNoOthers) {
  ASSERT_NE(find_rule("privileged-workspace"), nullptr);
  EXPECT_EQ(find_rule("privileged-workspace")->id, "privileged-workspace");
  EXPECT_EQ(find_rule("privileged-workspaces"), nullptr);
  EXPECT_EQ(find_rule(""), nullptr);
}

TEST(Registry, GivesTheSettingsActionBeforeTheDefault) {
  Settings settings;
  const RuleDescriptor& rule = *find_rule("tmp-mount");
  EXPECT_EQ(action_of(rule, settings), RuleAction::kWarn);
  settings.rules["tmp-mount"] = RuleAction::kDeny;
  EXPECT_EQ(action_of(rule, settings), RuleAction::kDeny);
}

}  // namespace
}  // namespace cvm
