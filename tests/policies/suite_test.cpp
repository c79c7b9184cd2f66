#include "tests/policies/suite.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cvm::testing {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kHead =
    "apiVersion: cvm-webhook.io/v1alpha1\n"
    "kind: CvmPolicyTest\n"
    "name: a\n"
    "settings: {caching: true, gpu: {usrLibDir: /usr/lib}}\n"
    "nodes: [{metadata: {name: a}}]\n"
    "pod: {metadata: {name: w}, spec: {hostNetwork: true}}\n";

std::vector<PolicyCase> parse(std::string_view rest) {
  return parse_suite(std::string(kHead) + std::string(rest), "tmp-mount", "a.yaml");
}

std::string mistake_in(std::string_view rest) {
  try {
    parse(rest);
  } catch (const std::exception& error) {
    return error.what();
  }
  return "no mistake";
}

TEST(Suite, MergesACaseIntoTheBaseAndReplacesNodes) {
  const auto cases = parse(
      "cases:\n"
      "  - name: b\n"
      "    settings: {gpu: {usrLibDir: null}}\n"
      "    pod: {spec: {hostNetwork: null, hostPID: true}}\n"
      "    nodes: []\n"
      "    expect: {allowed: true}\n");
  ASSERT_EQ(cases.size(), 1U);
  EXPECT_EQ(cases[0].settings, nlohmann::json::parse(R"({"caching": true, "gpu": {}})"));
  EXPECT_EQ(cases[0].pod["spec"], nlohmann::json::parse(R"({"hostPID": true})"));
  EXPECT_TRUE(cases[0].nodes->empty());
}

TEST(Suite, RefusesUnknownKeysAtEveryLevel) {
  EXPECT_THAT(mistake_in("surprise: 1\ncases: [{name: b, expect: {allowed: true}}]\n"),
              HasSubstr("suite: unknown key \"surprise\""));
  EXPECT_THAT(mistake_in("cases: [{name: b, exspect: {allowed: true}}]\n"),
              HasSubstr("cases[0]: unknown key \"exspect\""));
  EXPECT_THAT(mistake_in("cases: [{name: b, expect: {allowed: true, warning: [a]}}]\n"),
              HasSubstr("cases[0].expect: unknown key \"warning\""));
  EXPECT_THAT(
      mistake_in("cases: [{name: b, expect: {allowed: true, findings: [{rule: a, mesage: b}]}}]\n"),
      HasSubstr("cases[0].expect.findings[0]: unknown key \"mesage\""));
}

TEST(Suite, RefusesSuitesThatCheckNothing) {
  EXPECT_THAT(mistake_in("cases: []\n"), HasSubstr("at least one case"));
  EXPECT_THAT(mistake_in(""), HasSubstr("expected the key \"cases\""));
  EXPECT_THAT(mistake_in("cases: [{name: b, expect: {}}]\n"),
              HasSubstr("expected the key \"allowed\""));
}

}  // namespace
}  // namespace cvm::testing
