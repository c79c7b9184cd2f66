#include "policies/rules/active_rules.hpp"

#include <gtest/gtest.h>

#include "policies/profiles/profiles.hpp"
#include "policies/rules/registry.hpp"
#include "policies/snapshot.hpp"

namespace cvm {
namespace {

// Some rules set, and levels that leave some controls on and some off.
Settings varied_settings() {
  Settings settings;
  settings.rules = {
      {"host-namespaces", RuleAction::kWarn},   {"gpu-cloud", RuleAction::kOff},
      {"plan-changed", RuleAction::kAudit},     {"port-forward", RuleAction::kOff},
      {"no-candidate-node", RuleAction::kDeny}, {"pod-security-sysctls", RuleAction::kOff}};
  settings.isolation.pod_security = {.enforce = PodSecurityLevel::kPrivileged,
                                     .warn = PodSecurityLevel::kBaseline,
                                     .audit = PodSecurityLevel::kRestricted};
  return settings;
}

TEST(ActiveRules, DoWhatTheSettingsSay) {
  for (const Settings& settings : {Settings(), varied_settings()}) {
    const ActiveRules active(settings);
    const RuleActions& actions = active.actions();
#define CVM_POD_RULE(name) EXPECT_EQ(actions.name, action_of(rules::name, settings)) << #name;
#define CVM_NODE_RULE(name) CVM_POD_RULE(name)
#define CVM_POD_CHANGE_RULE(name) CVM_POD_RULE(name)
#define CVM_POD_CONNECTION_RULE(name) CVM_POD_RULE(name)
#include "policies/rules/rules.def"
    EXPECT_EQ(actions.no_candidate_node, action_of(rules::no_candidate_node, settings));
    for (const auto& one : active.pod_rules()) {
      EXPECT_EQ(one.action, action_of(*one.rule, settings)) << one.rule->descriptor.id;
    }
    for (const auto& one : active.node_rules()) {
      EXPECT_EQ(one.action, action_of(*one.rule, settings)) << one.rule->descriptor.id;
    }
    for (const auto& one : active.pod_change_rules()) {
      EXPECT_EQ(one.action, action_of(*one.rule, settings)) << one.rule->descriptor.id;
    }
    for (const auto& one : active.pod_connection_rules()) {
      EXPECT_EQ(one.action, action_of(*one.rule, settings)) << one.rule->descriptor.id;
    }
  }
}

TEST(ActiveRules, TakeTheActionForStaleNodesFromItsKey) {
  Settings settings;
  settings.nodes.stale_action = UnknownAction::kDeny;
  EXPECT_EQ(ActiveRules(settings).actions().nodes_stale, RuleAction::kDeny);
  settings.nodes.stale_action = UnknownAction::kAllow;
  EXPECT_EQ(ActiveRules(settings).actions().nodes_stale, RuleAction::kOff);
}

TEST(ActiveRules, KeepTheOrderOfTheCatalogue) {
  const ActiveRules active{Settings()};
  ASSERT_EQ(active.pod_rules().size(), pod_rules().size());
  for (std::size_t at = 0; at < pod_rules().size(); ++at) {
    EXPECT_EQ(active.pod_rules()[at].rule, pod_rules()[at]);
  }
}

TEST(ActiveRules, CoverARuleWhereTheOneThatSaysMoreDenies) {
  Settings settings;
  int covering = 0;
  for (const PodRule* rule : pod_rules()) {
    if (rule->covered_by == nullptr) continue;
    ++covering;
    const std::string id(rule->covered_by->descriptor.id);
    for (const RuleAction action : {RuleAction::kDeny, RuleAction::kWarn, RuleAction::kOff}) {
      settings.rules = {{id, action}};
      const ActiveRules active(settings);
      for (const ActivePodRule& one : active.pod_rules()) {
        if (one.rule != rule) continue;
        EXPECT_EQ(one.covered.has_value(), action == RuleAction::kDeny) << rule->descriptor.id;
        if (one.covered) {
          EXPECT_EQ(*one.covered, rule->covered_by->scope) << rule->descriptor.id;
        }
      }
    }
  }
  EXPECT_GT(covering, 0);
}

TEST(ActiveRules, AreThoseOfEachProfile) {
  ProfiledSettings settings;
  ProfileSettings profile{.name = "lax", .settings = {}};
  profile.settings.rules["host-namespaces"] = RuleAction::kWarn;
  settings.profiles.push_back(profile);
  const Snapshot snapshot = make_snapshot(settings);
  EXPECT_EQ(snapshot.rules->actions().host_namespaces, RuleAction::kDeny);
  EXPECT_EQ(snapshot.profiles->find("lax")->snapshot->rules->actions().host_namespaces,
            RuleAction::kWarn);
}

}  // namespace
}  // namespace cvm
