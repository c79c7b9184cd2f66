
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "webhook/formats/yaml_writer.hpp"
#include "webhook/suites/report/report.hpp"
#include "webhook/terminal/text_diff.hpp"

namespace cvm::webhook {

namespace {

constexpr const char* kIndent = "      ";

std::string to_lines(const nlohmann::json& value) {
  return value.is_null() ? "" : write_yaml(nlohmann::ordered_json(value));
}

std::string mark_lines(char mark, std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out += mark;
    out += ' ';
    out += text.substr(0, end);
    out += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string indent(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out += kIndent;
    out += text.substr(0, end);
    out += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string format_seconds(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f s", seconds);
  return text;
}

std::string plural(std::size_t count, const std::string& noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string describe_findings(const std::vector<Finding>& findings) {
  std::string out;
  for (const Finding& finding : findings) {
    out += fmt::format("{}  {} cvm/{}: {}", kIndent, to_string(finding.action), finding.rule,
                       finding.message);
    if (!finding.field.empty()) out += fmt::format(" ({})", finding.field);
    out += '\n';
  }
  return out;
}

std::string describe_failure(const Suite& suite, const SuiteCase& one, const CaseResult& result,
                             const Painter& painter) {
  const bool failed = result.status == CaseStatus::kFailed;
  std::string out = fmt::format("  {} {}  {}\n", painter.bold_red(failed ? "failed" : "unusable"),
                                painter.bold(suite.id_of(one)), one.place.text());
  if (!failed) return out;  // why, goes to the standard error
  for (const Mismatch& mismatch : result.mismatches) {
    out += fmt::format("    {}:\n", mismatch.what);
    out += paint_diff(indent(describe_difference(mismatch)), painter, 6);
  }
  if (result.answer.findings.empty()) return out;
  return fmt::format("{}    all findings:\n{}", out, describe_findings(result.answer.findings));
}

std::string describe_suite(const SuiteRun& run, const Painter& painter) {
  const RunCounts counts = count(run);
  std::string head, what = plural(counts.passed + counts.failed + counts.unusable, "case");
  if (counts.failed + counts.unusable > 0) {
    head = painter.red("FAIL");
    what += fmt::format(", {} of them failed", counts.failed + counts.unusable);
  } else if (counts.passed == 0) {
    head = painter.yellow("skip");
  } else {
    head = painter.green("ok  ");
  }
  if (counts.not_run > 0) what += fmt::format(", {} not run", counts.not_run);
  return fmt::format("{} {}  {}  {}\n", head, run.suite->name, run.suite->file, what);
}

}  // namespace

std::string describe_difference(const Mismatch& mismatch) {
  const bool both = !mismatch.expected.is_null() && !mismatch.actual.is_null();
  if (both && mismatch.expected.is_structured()) {
    return unified_diff(to_lines(mismatch.expected), to_lines(mismatch.actual));
  }
  return mark_lines('-', to_lines(mismatch.expected)) + mark_lines('+', to_lines(mismatch.actual));
}

std::string describe_failure(const CaseResult& result) {
  if (result.status == CaseStatus::kUnusable) return result.error + "\n";
  std::string out;
  for (const Mismatch& mismatch : result.mismatches) {
    out += fmt::format("{}:\n{}", mismatch.what, describe_difference(mismatch));
  }
  return out;
}

std::string summarize(const SuiteReport& report) {
  const RunCounts counts = count(report.runs);
  std::string out = fmt::format("{}, {}: {} passed, {} failed", plural(report.runs.size(), "suite"),
                                plural(counts.all(), "case"), counts.passed, counts.failed);
  if (counts.unusable > 0) out += fmt::format(", {} unusable", counts.unusable);
  if (counts.not_run > 0) out += fmt::format(", {} not run", counts.not_run);
  return fmt::format("{} ({})", out, format_seconds(report.seconds));
}

std::string print_suites_as_text(const SuiteReport& report, const Painter& painter) {
  std::string out;
  for (const SuiteRun& run : report.runs) {
    out += describe_suite(run, painter);
    for (std::size_t i = 0; i < run.results.size(); ++i) {
      const CaseResult& result = run.results[i];
      if (result.status == CaseStatus::kFailed || result.status == CaseStatus::kUnusable) {
        out += describe_failure(*run.suite, run.suite->cases[i], result, painter);
      }
    }
  }
  const RunCounts counts = count(report.runs);
  const std::string summary = summarize(report);
  const bool passed = counts.failed + counts.unusable == 0;
  return fmt::format("{}{}\n", out,
                     passed ? painter.bold_green(summary) : painter.bold_red(summary));
}

}  // namespace cvm::webhook
