#include "webhook/suites/suite_runner.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <thread>

namespace cvm::webhook {

namespace {

// Fewer cases are not worth a thread.
constexpr std::size_t kCasesPerThread = 16;

struct Job {
  CaseRunner* runner;
  const SuiteCase* one;
  CaseResult* result;
};

class Jobs {
 public:
  Jobs(std::vector<Job> jobs, const RunOptions& options)
      : jobs_(std::move(jobs)), options_(options), end_(jobs_.size()) {}

  void run() {
    const std::size_t useful = std::max<std::size_t>(1, jobs_.size() / kCasesPerThread);
    const std::size_t count = std::min<std::size_t>(std::max(1U, options_.threads), useful);
    std::vector<std::thread> others;
    for (std::size_t i = 1; i < count; ++i) others.emplace_back([this] { work(); });
    work();
    for (std::thread& other : others) other.join();
    // What another thread ran behind the first failure.
    for (std::size_t i = end_; i < jobs_.size(); ++i) *jobs_[i].result = {};
  }

 private:
  void work() {
    const auto handler = std::make_shared<AdmissionHandler>();
    for (std::size_t at = next_++; at < end_; at = next_++) {
      const Job& job = jobs_[at];
      *job.result = job.runner->run(*job.one, handler);
      const std::lock_guard lock(mutex_);
      if (options_.fail_fast && job.result->status != CaseStatus::kPassed) {
        end_ = std::min(end_.load(), at + 1);
      }
      if (options_.on_progress) options_.on_progress(++done_, jobs_.size());
    }
  }

  const std::vector<Job> jobs_;
  const RunOptions& options_;
  std::atomic<std::size_t> next_ = 0, end_;
  std::mutex mutex_;
  std::size_t done_ = 0;
};

}  // namespace

std::vector<SuiteRun> run_suites(const std::vector<std::shared_ptr<const Suite>>& suites,
                                 const RunOptions& options) {
  std::vector<SuiteRun> runs;
  std::vector<std::unique_ptr<CaseRunner>> runners;
  std::vector<Job> jobs;
  runs.reserve(suites.size());
  for (const auto& suite : suites) {
    runners.push_back(std::make_unique<CaseRunner>(*suite));
    SuiteRun& run = runs.emplace_back(SuiteRun{suite, {}});
    run.results.resize(suite->cases.size());
    for (std::size_t i = 0; i < suite->cases.size(); ++i) {
      jobs.push_back({runners.back().get(), &suite->cases[i], &run.results[i]});
    }
  }
  Jobs(std::move(jobs), options).run();
  return runs;
}

void RunCounts::add(const RunCounts& other) {
  passed += other.passed;
  failed += other.failed;
  unusable += other.unusable;
  not_run += other.not_run;
}

RunCounts count(const SuiteRun& run) {
  RunCounts counts;
  for (const CaseResult& result : run.results) {
    switch (result.status) {
      case CaseStatus::kPassed:
        ++counts.passed;
        break;
      case CaseStatus::kFailed:
        ++counts.failed;
        break;
      case CaseStatus::kUnusable:
        ++counts.unusable;
        break;
      case CaseStatus::kNotRun:
        ++counts.not_run;
        break;
    }
  }
  return counts;
}

RunCounts count(const std::vector<SuiteRun>& runs) {
  RunCounts counts;
  for (const SuiteRun& run : runs) counts.add(count(run));
  return counts;
}

}  // namespace cvm::webhook
