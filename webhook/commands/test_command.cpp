// test: runs policy suites.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <map>
#include <memory>
#include <thread>

#include "webhook/commands/command_line/command.hpp"
#include "webhook/commands/commands.hpp"
#include "webhook/commands/options/color_option.hpp"
#include "webhook/formats/unusable.hpp"
#include "webhook/suites/case_selection.hpp"
#include "webhook/suites/report/report.hpp"
#include "webhook/suites/report/update.hpp"
#include "webhook/suites/report/watch.hpp"
#include "webhook/suites/suite_files.hpp"
#include "webhook/suites/suite_reader.hpp"
#include "webhook/terminal/exit_codes.hpp"

namespace cvm::webhook {
namespace {

constexpr const char* kTestExamples = R"(
A suite (kind: CvmPolicyTest) gives pods, nodes and settings, and says what must become of each pod;
README.md has one. Each case goes through the code that serves: the mutating call, its patch, the
mutating call again, which must change nothing, the validating call.

--update writes the files that cases name as expect.objectIsFile, each as a whole or not at all,
where all else that the case expects is met; suites themselves are never changed.

--coverage counts, of the suites with a case in which a rule finds something, the cases in which it
does (FOUND), looks and lets the pod pass (PASSED), or does not look because it is off or not about
such a call (SKIPPED); and the parts of the plan that were put into pods.

Exit status: 0 all cases passed, 1 a case failed or the coverage is too low, 2 a suite is unusable
(file:line:column says where).

Examples:
  cvm-webhook test examples/policies
  cvm-webhook test tests/policies --run '^node-selinux/' --fail-fast
  cvm-webhook test tests/policies --coverage --min-coverage 90
  cvm-webhook test examples/policies -o junit > results.xml
  cvm-webhook test examples/policies --update
  cvm-webhook test examples/policies --watch)";

enum class TestOutput { kText, kJson, kJunit, kTap };

const std::map<std::string, TestOutput> kTestOutputs = {{"text", TestOutput::kText},
                                                        {"json", TestOutput::kJson},
                                                        {"junit", TestOutput::kJunit},
                                                        {"tap", TestOutput::kTap}};

struct TestOptions {
  std::vector<std::string> paths;
  std::string run;  // a regular expression; empty: every case
  TestOutput output = TestOutput::kText;
  ColorChoice color = ColorChoice::kAuto;
  bool coverage = false, update = false, watch = false, fail_fast = false;
  double min_coverage = -1;  // per cent; negative: any
  unsigned parallel = std::max(1U, std::thread::hardware_concurrency());
};

class TestRun {
 public:
  explicit TestRun(const TestOptions& options) : options_(options) {}

  int run() {
    const auto begin = std::chrono::steady_clock::now();
    const auto suites = load();
    SuiteReport report;
    report.runs = run_suites(suites, {options_.parallel, options_.fail_fast, progress()});
    clear_progress();
    if (options_.update) {
      for (const std::string& file : update_expected_files(report.runs)) {
        std::cerr << "updated " << file << '\n';
      }
    }
    if (options_.coverage || options_.min_coverage >= 0) {
      report.coverage = measure_coverage(report.runs);
    }
    report.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    print(report);
    return judge(report);
  }

  // What the run depended on.
  const std::vector<std::string>& read_files() const { return read_files_; }

 private:
  std::vector<std::shared_ptr<const Suite>> load() {
    SuiteFiles found = find_suites(options_.paths);
    std::vector<std::string> mistakes = std::move(found.mistakes);
    std::vector<std::shared_ptr<const Suite>> suites;
    bool has_cases = false;
    for (const std::string& file : found.files) {
      SuiteResult result = load_suite(file, {.may_lack_expected_files = options_.update});
      mistakes.insert(mistakes.end(), result.mistakes.begin(), result.mistakes.end());
      const auto& files = result.suite.read_files;
      read_files_.insert(read_files_.end(), files.begin(), files.end());
      if (result.ok()) select_cases(result.suite, options_.run);
      if (result.suite.cases.empty()) continue;
      has_cases = true;
      suites.push_back(std::make_shared<const Suite>(std::move(result.suite)));
    }
    if (mistakes.empty() && !has_cases) {
      mistakes.push_back(fmt::format("--run: no case of these suites matches {}", options_.run));
    }
    if (mistakes.empty()) return suites;
    std::string text;
    for (const std::string& mistake : mistakes) text += (text.empty() ? "" : "\n") + mistake;
    throw Unusable(text);
  }

  std::function<void(std::size_t, std::size_t)> progress() {
    if (isatty(STDERR_FILENO) == 0) return {};
    return [this](std::size_t done, std::size_t total) {
      const auto now = std::chrono::steady_clock::now();
      if (now - shown_ < std::chrono::milliseconds(100)) return;
      shown_ = now;
      std::cerr << '\r' << done << '/' << total << std::flush;
    };
  }

  void clear_progress() const {
    if (shown_ != std::chrono::steady_clock::time_point()) std::cerr << "\r\x1b[K";
  }

  void print(const SuiteReport& report) const {
    switch (options_.output) {
      case TestOutput::kText:
        std::cout << print_suites_as_text(report, Painter(use_colors(options_.color)));
        break;
      case TestOutput::kJson:
        std::cout << print_suites_as_json(report) << std::flush;
        return;
      case TestOutput::kJunit:
        std::cout << print_suites_as_junit(report);
        break;
      case TestOutput::kTap:
        std::cout << print_suites_as_tap(report);
        break;
    }
    std::cout.flush();
    if (!options_.coverage) return;
    // The other forms have no place for it.
    (options_.output == TestOutput::kText ? std::cout << '\n' : std::cerr)
        << print_coverage(*report.coverage);
  }

  int judge(const SuiteReport& report) const {
    const RunCounts counts = count(report.runs);
    if (counts.unusable > 0) {
      print_unusable(report);
      return kExitUnusable;
    }
    if (counts.failed > 0) return kExitRefused;
    if (report.coverage && report.coverage->percent() < options_.min_coverage) {
      std::cerr << "coverage: expected at least " << options_.min_coverage << " %, found "
                << report.coverage->percent() << " % (" << report.coverage->covered() << " of "
                << report.coverage->possible() << ")\n";
      return kExitRefused;
    }
    return kExitOk;
  }

  static void print_unusable(const SuiteReport& report) {
    for (const SuiteRun& run : report.runs) {
      for (const CaseResult& result : run.results) {
        if (result.status == CaseStatus::kUnusable) std::cerr << result.error << '\n';
      }
    }
  }

  const TestOptions& options_;
  std::vector<std::string> read_files_;
  std::chrono::steady_clock::time_point shown_;
};

// Until a signal comes; returns what the last run came to.
int watch(const TestOptions& options) {
  const WatchSignals signals;
  std::vector<std::string> paths = options.paths;
  while (true) {
    FileState before = FileState::of(paths);
    TestRun run(options);
    int exit_code = kExitUnusable;
    try {
      exit_code = run.run();
    } catch (const Unusable& error) {
      std::cerr << error.what() << '\n';
    }
    paths = options.paths;
    paths.insert(paths.end(), run.read_files().begin(), run.read_files().end());
    // A file that is named for the first time was not looked at before.
    before.add_missing(FileState::of(run.read_files()));
    std::cerr << "watching; Ctrl-C ends\n";
    const std::string changed = wait_for_change(paths, before);
    if (changed.empty()) return exit_code;
    std::cerr << "\nchanged: " << changed << '\n';
  }
}

void check_pattern(const std::string& pattern) {
  const std::string mistake = find_pattern_mistake(pattern);
  if (mistake.empty()) return;
  throw UsageError(
      fmt::format("--run: expected a regular expression, found {} ({})", pattern, mistake));
}

}  // namespace

void add_test_command(const Command& program) {
  auto options = std::make_shared<TestOptions>();
  const Command test =
      program.add_command("test", "Run policy suites: what must become of which pods");
  test.footer(kTestExamples);
  test.option("PATH", options->paths, "Suites, and folders with suites below them")
      .takes("")
      .required();
  test.option("--run", options->run, "Only cases whose suite/case has a match for this")
      .takes("REGEX");
  test.choice("-o,--output", options->output, "text, json, junit or tap; default: text",
              kTestOutputs)
      .takes("FORM");
  add_color_option(test, options->color);
  test.flag("--coverage", options->coverage, "Say which rules and parts of the plan are shown");
  test.number("--min-coverage", options->min_coverage, "Fail below this coverage", 0.0, 100.0)
      .takes("PERCENT");
  test.flag("--update", options->update, "Write the files of expect.objectIsFile");
  test.flag("--watch", options->watch, "Run again when a file changes, until Ctrl-C");
  test.flag("--fail-fast", options->fail_fast, "Run no case after the first that fails");
  test.number("--parallel", options->parallel, "Threads; default: as many as the machine has", 1U,
              256U)
      .takes("N");
  test.runs([options] {
    check_pattern(options->run);
    return options->watch ? watch(*options) : TestRun(*options).run();
  });
}

}  // namespace cvm::webhook
