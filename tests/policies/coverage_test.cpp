// Every rule has a suite that shows it at work and at rest, and every suite has a rule.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "policies/rules/registry.hpp"
#include "tests/policies/case_test.hpp"

namespace cvm::testing {
namespace {

// Folders that test no single rule.
const std::set<std::string, std::less<>> kOtherFolders = {"plan", "pod-security", "wrap"};

using CasesByFolder = std::map<std::string, std::vector<webhook::SuiteCase>, std::less<>>;

bool expects_finding_of(const webhook::SuiteCase& one, std::string_view rule) {
  const auto& findings = one.expect.findings;
  return findings && std::any_of(findings->begin(), findings->end(),
                                 [rule](const webhook::ExpectedFinding& finding) {
                                   return finding.rule == rule;
                                 });
}

CasesByFolder cases_by_folder() {
  CasesByFolder folders;
  for (const auto& suite : all_suites()) {
    auto& cases = folders[suite->folder()];
    cases.insert(cases.end(), suite->cases.begin(), suite->cases.end());
  }
  return folders;
}

TEST(SuiteCoverage, ShowsEachRuleAtWorkAndAtRest) {
  const CasesByFolder folders = cases_by_folder();
  for (const RuleDescriptor* rule : all_rules()) {
    if (!rule->fixed.empty()) continue;
    const auto folder = folders.find(rule->id);
    if (folder == folders.end()) {
      ADD_FAILURE() << "rule " << rule->id << " has no suite in tests/policies/" << rule->id << "/";
      continue;
    }
    bool at_work = false, at_rest = false;
    for (const webhook::SuiteCase& one : folder->second) {
      const bool finds = expects_finding_of(one, rule->id);
      at_work |= finds;
      // Only a denying rule is known not to have spoken where findings are not listed.
      at_rest |= one.expect.allowed && !finds &&
                 (one.expect.findings || rule->default_action == RuleAction::kDeny);
    }
    EXPECT_TRUE(at_work) << "no case expects a finding of " << rule->id;
    EXPECT_TRUE(at_rest) << "no admitted case shows " << rule->id << " satisfied";
  }
}

TEST(SuiteCoverage, KnowsTheRuleOfEachFolder) {
  for (const auto& [folder, cases] : cases_by_folder()) {
    EXPECT_TRUE(find_rule(folder) != nullptr || kOtherFolders.contains(folder))
        << "tests/policies/" << folder << "/ names no rule";
  }
}

}  // namespace
}  // namespace cvm::testing
