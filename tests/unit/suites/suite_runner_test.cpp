#include "webhook/suites/suite_runner.hpp"

#include <gtest/gtest.h>

#include "tests/unit/suites/suite_support.hpp"

namespace cvm::webhook {
namespace {

// Cases of three settings; every tenth, from number 35 on, expects what does not come.
std::shared_ptr<const Suite> many_cases() {
  std::string rest = "nodes: []\ncases:\n";
  for (int i = 0; i < 200; ++i) {
    rest += "- {name: c" + std::to_string(i) +
            ", settings: {supervisor: {tun: " + (i % 2 == 0 ? "true" : "false") +
            "}}, expect: {allowed: " + (i >= 35 && i % 10 == 5 ? "false" : "true") + "}}\n";
  }
  return suite_of(rest);
}

std::vector<CaseStatus> run(unsigned threads, bool fail_fast) {
  const auto runs = run_suites({many_cases()}, {threads, fail_fast});
  std::vector<CaseStatus> statuses;
  for (const CaseResult& result : runs[0].results) statuses.push_back(result.status);
  return statuses;
}

TEST(SuiteRunner, GivesTheSameForAnyNumberOfThreads) {
  const auto one = run(1, false);
  EXPECT_EQ(one[34], CaseStatus::kPassed);
  EXPECT_EQ(one[35], CaseStatus::kFailed);
  EXPECT_EQ(run(4, false), one);
}

TEST(SuiteRunner, StopsAfterTheFirstFailure) {
  const auto one = run(1, true);
  EXPECT_EQ(one[35], CaseStatus::kFailed);
  EXPECT_EQ(one[36], CaseStatus::kNotRun);
  EXPECT_EQ(run(4, true), one);
}

TEST(SuiteRunner, CountsAndTellsProgress) {
  std::size_t calls = 0, last = 0;
  const auto runs = run_suites({many_cases()}, {.threads = 4, .on_progress = [&](auto done, auto) {
                                                  ++calls;
                                                  last = done;
                                                }});
  EXPECT_EQ(calls, 200U);
  EXPECT_EQ(last, 200U);
  const RunCounts counts = count(runs);
  EXPECT_EQ(counts.failed, 17U);
  EXPECT_EQ(counts.passed, 183U);
  EXPECT_EQ(counts.all(), 200U);
}

}  // namespace
}  // namespace cvm::webhook
