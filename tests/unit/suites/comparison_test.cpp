#include "webhook/suites/comparison.hpp"

#include <gtest/gtest.h>

namespace cvm::webhook {
namespace {

using nlohmann::json;

Pattern pattern(const std::string& text) {
  return {text, std::make_shared<const std::regex>(text)};
}

ExpectedFinding of_rule(const std::string& rule) {
  ExpectedFinding finding;
  finding.rule = rule;
  return finding;
}

AdmissionAnswer answer_with(std::vector<Finding> findings) {
  AdmissionAnswer answer;
  answer.allowed = true;
  answer.findings = std::move(findings);
  return answer;
}

std::vector<Mismatch> compare(std::vector<ExpectedFinding> expected, std::vector<Finding> found) {
  ExpectedAnswer answer;
  answer.findings = std::move(expected);
  std::vector<Mismatch> out;
  compare_answer(answer, answer_with(std::move(found)), "", out);
  return out;
}

TEST(Comparison, TakesFindingsInAnyOrder) {
  EXPECT_TRUE(compare({of_rule("b"), of_rule("a")},
                      {{{"a"}, RuleAction::kDeny, "", ""}, {{"b"}, RuleAction::kDeny, "", ""}})
                  .empty());
}

TEST(Comparison, ShowsTheFieldsInWhichAFindingOfTheRuleDiffers) {
  const auto out =
      compare({{.rule = "a", .action = "warn", .field = "x", .message = pattern("^no")}},
              {{{"a"}, RuleAction::kDeny, "not so", "y"}});
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(out[0].what, "finding of a");
  EXPECT_EQ(out[0].expected,
            json({{"rule", "a"}, {"action", "warn"}, {"field", "x"}, {"message", "^no"}}));
  // The message matches, so it is no difference.
  EXPECT_EQ(out[0].actual,
            json({{"rule", "a"}, {"action", "deny"}, {"field", "y"}, {"message", "^no"}}));
}

TEST(Comparison, NamesFindingsThatAreMissingOrNotExpected) {
  const auto out = compare({of_rule("a")}, {{{"b"}, RuleAction::kWarn, "m", "f"}});
  ASSERT_EQ(out.size(), 2U);
  EXPECT_EQ(out[0].what, "finding missing");
  EXPECT_TRUE(out[0].actual.is_null());
  EXPECT_EQ(out[1].what, "finding not expected");
  EXPECT_EQ(out[1].actual["message"], "m");
}

TEST(Comparison, ComparesObjectsAsSubsetsAndShowsNoMore) {
  Expectation expected;
  expected.object = json::parse(R"({"a": {"b": 1}, "l": [{"x": 1}]})");
  const json object = json::parse(R"({"a": {"b": 2, "c": 3}, "l": [{"x": 1, "y": 2}], "z": 1})");
  std::vector<Mismatch> out;
  compare_object(expected, object, out);
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(out[0].actual, json::parse(R"({"a": {"b": 2}, "l": [{"x": 1}]})"));
  expected.object["a"]["b"] = 2;
  out.clear();
  compare_object(expected, object, out);
  EXPECT_TRUE(out.empty());
  expected.object["l"] = json::array();
  compare_object(expected, object, out);
  EXPECT_EQ(out.size(), 1U) << "an array is compared by all its elements";
}

TEST(Comparison, ComparesWholeObjectsExactly) {
  Expectation expected;
  expected.object_is = {{"a", 1}};
  std::vector<Mismatch> out;
  compare_object(expected, {{"a", 1}, {"b", 2}}, out);
  ASSERT_EQ(out.size(), 1U);
  EXPECT_EQ(out[0].what, "objectIs");
  out.clear();
  compare_object(expected, {{"a", 1}}, out);
  EXPECT_TRUE(out.empty());
}

}  // namespace
}  // namespace cvm::webhook
