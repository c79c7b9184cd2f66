// How `test` prints what became of the cases, one form a function.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "webhook/suites/coverage.hpp"
#include "webhook/suites/suite_runner.hpp"
#include "webhook/terminal/terminal.hpp"

namespace cvm::webhook {

struct SuiteReport {
  std::vector<SuiteRun> runs;
  double seconds = 0;  // that all of it took
  std::optional<Coverage> coverage;
};

// Suites a line each, what failed in full, and a summary.
std::string print_suites_as_text(const SuiteReport& report, const Painter& painter);

// {"suites": [{"name", "file", "cases": [{"name", "line", "status", "allowed", "findings",
// "differences", "error"}]}], "summary", "coverage"}
std::string print_suites_as_json(const SuiteReport& report);

// As CI systems read it: testsuites, testsuite, testcase with failure, error or skipped.
std::string print_suites_as_junit(const SuiteReport& report);

// TAP version 14; differences are YAML diagnostics.
std::string print_suites_as_tap(const SuiteReport& report);

// Tables of rules and of parts of the plan, the settings that were not varied, and the percentage.
std::string print_coverage(const Coverage& coverage);

// "1 suite, 12 cases: 11 passed, 1 failed (0.21 s)"
std::string summarize(const SuiteReport& report);

// The difference as text: a unified diff of YAML, lines "- ..." and "+ ..." for what is not a map
// or a list. Ends with a line feed.
std::string describe_difference(const Mismatch& mismatch);

// All differences of a case, or why it is unusable, as text without colours.
std::string describe_failure(const CaseResult& result);

}  // namespace cvm::webhook
