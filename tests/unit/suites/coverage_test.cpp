#include "webhook/suites/coverage.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "policies/rules/registry.hpp"
#include "tests/unit/suites/suite_support.hpp"

namespace cvm::webhook {
namespace {

using ::testing::Contains;
using ::testing::Not;

Coverage coverage_of(std::string_view rest) {
  return measure_coverage(run_suites({suite_of(rest)}, {}));
}

RuleCoverage rule_in(const Coverage& coverage, std::string_view rule) {
  for (const RuleCoverage& one : coverage.rules) {
    if (one.rule == rule) return one;
  }
  ADD_FAILURE() << "no rule " << rule;
  return {};
}

constexpr std::string_view kPrivileged =
    "pod: {spec: {containers: [{name: dev, image: u, securityContext: {privileged: true}}]}}";

std::string suite_with(std::string_view more) {
  return "cases:\n- {name: a, " + std::string(kPrivileged) + ", expect: {allowed: false}}\n" +
         std::string(more);
}

TEST(Coverage, CountsFoundPassedAndSkippedCases) {
  const std::string rest = suite_with(
      "- {name: b, expect: {allowed: true}}\n"
      "- {name: c, settings: {rules: {privileged-workspace: \"off\"}}, " +
      std::string(kPrivileged) + ", expect: {allowed: true}}\n");
  const RuleCoverage rule = rule_in(coverage_of(rest), "privileged-workspace");
  EXPECT_EQ(rule.found, 1U);
  EXPECT_EQ(rule.passed, 1U);
  EXPECT_EQ(rule.skipped, 1U);
  EXPECT_EQ(rule.covered(), 3U);
}

TEST(Coverage, CountsNoSuiteThatIsNotAboutTheRule) {
  const Coverage coverage = coverage_of("cases: [{name: b, expect: {allowed: true}}]\n");
  const RuleCoverage rule = rule_in(coverage, "privileged-workspace");
  EXPECT_EQ(rule.covered(), 0U);
  EXPECT_GT(coverage.covered(), 0U) << "parts of the plan";
  EXPECT_LT(coverage.percent(), 10);
}

TEST(Coverage, KnowsOfEveryRule) {
  const Coverage coverage = coverage_of("cases: [{name: b, expect: {allowed: true}}]\n");
  const auto rules = all_rules();
  const auto settable = static_cast<std::size_t>(std::count_if(
      rules.begin(), rules.end(), [](const auto* rule) { return rule->fixed.empty(); }));
  EXPECT_EQ(coverage.rules.size(), settable);
  EXPECT_EQ(coverage.possible(), 3 * settable + coverage.parts.size());
}

TEST(Coverage, NamesSettingsThatNoCaseVaries) {
  const Coverage coverage = coverage_of(
      "settings: {caching: false, supervisor: {tun: true}}\n"
      "cases: [{name: b, expect: {allowed: true}}]\n");
  EXPECT_THAT(coverage.settings_not_varied, Contains("caching")) << "false is the default";
  EXPECT_THAT(coverage.settings_not_varied, Not(Contains("supervisor.tun")));
  EXPECT_THAT(coverage.settings_not_varied, Contains("supervisor.resources.requests.cpu"));
}

}  // namespace
}  // namespace cvm::webhook
