// Runs the cases of suites, side by side.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

#include "webhook/suites/case_runner.hpp"
#include "webhook/suites/suite.hpp"

namespace cvm::webhook {

struct RunOptions {
  unsigned threads = 1;
  // Cases after the first that does not pass, in the order of the suites, are not run.
  bool fail_fast = false;
  // Called after each case, by one thread at a time.
  std::function<void(std::size_t done, std::size_t total)> on_progress = {};
};

struct SuiteRun {
  std::shared_ptr<const Suite> suite;
  std::vector<CaseResult> results;  // beside suite->cases
};

struct RunCounts {
  std::size_t passed = 0, failed = 0, unusable = 0, not_run = 0;

  void add(const RunCounts& other);
  std::size_t all() const { return passed + failed + unusable + not_run; }
};

// The results are the same for any number of threads.
std::vector<SuiteRun> run_suites(const std::vector<std::shared_ptr<const Suite>>& suites,
                                 const RunOptions& options);

RunCounts count(const SuiteRun& run);
RunCounts count(const std::vector<SuiteRun>& runs);

}  // namespace cvm::webhook
