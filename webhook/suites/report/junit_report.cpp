#include <fmt/format.h>

#include "webhook/formats/junit.hpp"
#include "webhook/suites/report/report.hpp"

namespace cvm::webhook {
namespace {

JunitOutcome outcome_of(CaseStatus status) {
  switch (status) {
    case CaseStatus::kFailed:
      return JunitOutcome::kFailed;
    case CaseStatus::kUnusable:
      return JunitOutcome::kError;
    case CaseStatus::kNotRun:
      return JunitOutcome::kSkipped;
    case CaseStatus::kPassed:
      break;
  }
  return JunitOutcome::kPassed;
}

std::string first_line(const CaseResult& result) {
  if (result.status == CaseStatus::kUnusable) return result.error;
  std::string names;
  for (const Mismatch& mismatch : result.mismatches) {
    names += (names.empty() ? "" : ", ") + mismatch.what;
  }
  return names;
}

JunitCase junit_case_of(const Suite& suite, const SuiteCase& one, const CaseResult& result) {
  JunitCase found{.name = one.name,
                  .outcome = outcome_of(result.status),
                  .message = first_line(result),
                  .text = describe_failure(result),
                  .seconds = result.seconds};
  if (result.status == CaseStatus::kFailed) {
    found.text = fmt::format("{}:{}\n{}", suite.file, one.place.line, found.text);
  }
  return found;
}

}  // namespace

std::string print_suites_as_junit(const SuiteReport& report) {
  std::vector<JunitSuite> suites;
  for (const SuiteRun& run : report.runs) {
    JunitSuite suite{.name = run.suite->name, .file = run.suite->file, .cases = {}};
    for (std::size_t i = 0; i < run.results.size(); ++i) {
      suite.cases.push_back(junit_case_of(*run.suite, run.suite->cases[i], run.results[i]));
    }
    suites.push_back(std::move(suite));
  }
  return print_junit("cvm-webhook test", suites, report.seconds);
}

}  // namespace cvm::webhook
