// One case -> what became of it, by the calls that the API server would make.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "webhook/suites/case_snapshot.hpp"
#include "webhook/suites/comparison.hpp"
#include "webhook/suites/suite.hpp"

namespace cvm::webhook {

enum class CaseStatus {
  kPassed,
  kFailed,    // something else became of it than was expected
  kUnusable,  // its input is nothing that an API server would send
  kNotRun,
};

std::string_view to_string(CaseStatus status);

struct CaseResult {
  CaseStatus status = CaseStatus::kNotRun;
  std::vector<Mismatch> mismatches;
  std::string error;       // kUnusable: with its place
  AdmissionAnswer answer;  // that is compared
  std::optional<AdmissionAnswer> of_template;
  bool is_creation = false;      // `answer` is about the creation of a pod
  nlohmann::json given, object;  // that pod as it was made, and after the patch; null: refused
  double seconds = 0;            // it took
};

// Runs the cases of one suite. Safe for several threads, each with a handler of its own.
class CaseRunner {
 public:
  // The suite must outlive the runner.
  explicit CaseRunner(const Suite& suite) : suite_(suite), snapshots_(suite) {}

  CaseResult run(const SuiteCase& one, const std::shared_ptr<AdmissionHandler>& handler);

  // What the webhook would know while the case runs.
  Snapshot snapshot_of(const SuiteCase& one) { return snapshots_.snapshot_of(one); }

 private:
  const Suite& suite_;
  SnapshotCache snapshots_;
};

}  // namespace cvm::webhook
