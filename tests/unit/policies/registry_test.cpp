#include "policies/registry.hpp"

#include <gtest/gtest.h>

#include <set>

namespace cvm {
namespace {

TEST(Registry, SortsRulesAndNamesEachOnce) {
  std::set<std::string_view> ids;
  std::string_view previous;
  for (const RuleDescriptor& rule : all_rules()) {
    EXPECT_LT(previous, rule.id);
    EXPECT_TRUE(ids.insert(rule.id).second) << rule.id;
    EXPECT_FALSE(rule.summary.empty()) << rule.id;
    EXPECT_NE(rule.default_action, RuleAction::kOff) << rule.id;
    previous = rule.id;
  }
  EXPECT_EQ(ids.size(), pod_rules().size() + node_rules().size() + 1);
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
