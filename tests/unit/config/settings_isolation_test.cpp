#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "webhook/config/default_settings.hpp"
#include "webhook/config/settings_file.hpp"

namespace cvm::webhook {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

IsolationSettings parse(const std::string& body) {
  const SettingsResult result = parse_settings_body("isolation: " + body);
  EXPECT_TRUE(result.ok()) << result.describe("f");
  return result.settings.isolation;
}

std::string mistake(const std::string& body) {
  const SettingsResult result = parse_settings_body("isolation: " + body);
  EXPECT_FALSE(result.ok()) << body;
  return result.describe("f");
}

TEST(IsolationSettings, TakeOneLevelOrOneForEachMode) {
  EXPECT_EQ(parse("{}").pod_security.enforce, PodSecurityLevel::kBaseline);
  const PodSecuritySettings one = parse("{podSecurity: restricted}").pod_security;
  EXPECT_EQ(one.enforce, PodSecurityLevel::kRestricted);
  EXPECT_EQ(one.warn, PodSecurityLevel::kPrivileged);
  const PodSecuritySettings three =
      parse("{podSecurity: {enforce: privileged, warn: baseline, audit: restricted}}").pod_security;
  EXPECT_EQ(three.enforce, PodSecurityLevel::kPrivileged);
  EXPECT_EQ(three.warn, PodSecurityLevel::kBaseline);
  EXPECT_EQ(three.audit, PodSecurityLevel::kRestricted);
  EXPECT_THAT(mistake("{podSecurity: strict}"),
              HasSubstr("expected privileged, baseline or restricted, found \"strict\""));
  EXPECT_THAT(mistake("{podSecurity: {enforced: baseline}}"), HasSubstr("did you mean enforce?"));
}

TEST(IsolationSettings, NameWhoMayBreakTheGlass) {
  const BreakGlassSettings read =
      parse("{breakGlass: {users: [root], groups: [\"sre:oncall\", ops]}}").break_glass;
  EXPECT_THAT(read.users, ElementsAre("root"));
  EXPECT_THAT(read.groups, ElementsAre("sre:oncall", "ops"));
  EXPECT_THAT(mistake("{breakGlass: {users: [\"\"]}}"), HasSubstr("expected a user's name"));
}

TEST(IsolationSettings, ReplaceWhatInjectorsMayAdd) {
  const InjectedSettings read = parse(R"({injected: {
      variables: [VAULT_ADDR],
      mounts: [{path: /x/, sources: [emptyDir], readOnly: false}, {path: /y, sources: [secret]}],
      containers: [{name: init, images: ["a:"], capabilities: [NET_ADMIN]}]}})")
                                    .injected;
  EXPECT_THAT(read.variables, ElementsAre("VAULT_ADDR"));
  ASSERT_EQ(read.mounts.size(), 2U);
  EXPECT_EQ(read.mounts[0].path, "/x/");
  EXPECT_FALSE(read.mounts[0].read_only);
  EXPECT_TRUE(read.mounts[1].read_only);
  EXPECT_THAT(read.mounts[1].sources, ElementsAre("secret"));
  ASSERT_EQ(read.containers.size(), 1U);
  EXPECT_THAT(read.containers[0].images, ElementsAre("a:"));
  EXPECT_THAT(read.containers[0].capabilities, ElementsAre("NET_ADMIN"));
}

TEST(IsolationSettings, RefuseMountsThatWouldOpenTheNode) {
  EXPECT_THAT(mistake("{injected: {mounts: [{path: /, sources: [emptyDir]}]}}"),
              HasSubstr("expected an absolute path without \"..\""));
  EXPECT_THAT(mistake("{injected: {mounts: [{path: /a/../b, sources: [emptyDir]}]}}"),
              HasSubstr("expected an absolute path without \"..\""));
  EXPECT_THAT(mistake("{injected: {mounts: [{path: /a, sources: [hostPath]}]}}"),
              HasSubstr("expected a kind of volume other than hostPath"));
  EXPECT_THAT(mistake("{injected: {mounts: [{path: /a}]}}"), HasSubstr("expected sources"));
  EXPECT_THAT(mistake("{injected: {containers: [{name: a}]}}"), HasSubstr("expected images"));
}

TEST(IsolationSettings, SayWhatBecomesOfTemplates) {
  EXPECT_EQ(parse("{}").templates, RuleAction::kWarn);
  EXPECT_EQ(parse("{templates: deny}").templates, RuleAction::kDeny);
  EXPECT_EQ(parse("{templates: off}").templates, RuleAction::kOff);
  EXPECT_THAT(mistake("{templates: refuse}"), HasSubstr("expected deny, warn, audit or off"));
}

TEST(IsolationSettings, OfTheDefaultFileAreTheDefaults) {
  const SettingsResult result = parse_settings(default_settings_file());
  ASSERT_TRUE(result.ok()) << result.describe("f");
  const InjectedSettings& read = result.settings.isolation.injected;
  const InjectedSettings expected = default_injected_settings();
  EXPECT_EQ(read.variables, expected.variables);
  ASSERT_EQ(read.mounts.size(), expected.mounts.size());
  for (std::size_t i = 0; i < read.mounts.size(); ++i) {
    EXPECT_EQ(read.mounts[i].path, expected.mounts[i].path);
    EXPECT_EQ(read.mounts[i].sources, expected.mounts[i].sources);
    EXPECT_EQ(read.mounts[i].read_only, expected.mounts[i].read_only);
  }
  ASSERT_EQ(read.containers.size(), expected.containers.size());
  for (std::size_t i = 0; i < read.containers.size(); ++i) {
    EXPECT_EQ(read.containers[i].name, expected.containers[i].name);
    EXPECT_EQ(read.containers[i].images, expected.containers[i].images);
    EXPECT_EQ(read.containers[i].capabilities, expected.containers[i].capabilities);
  }
  EXPECT_EQ(result.settings.isolation.inline_csi_drivers, IsolationSettings{}.inline_csi_drivers);
  EXPECT_EQ(result.settings.isolation.templates, IsolationSettings{}.templates);
}

}  // namespace
}  // namespace cvm::webhook
