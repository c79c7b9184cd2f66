#include "webhook/doctor/doctor_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "webhook/formats/junit.hpp"
#include "webhook/terminal/text_wrap.hpp"

namespace cvm::webhook {
namespace {

constexpr std::size_t kStatusWidth = 6;  // "PASS" and two blanks

std::size_t name_width() {
  std::size_t width = 0;
  for (const Check& check : all_checks()) width = std::max(width, check.id.size());
  return width + 2;
}

std::string padded(std::string_view text, std::size_t width) {
  return std::string(text) + std::string(width - std::min(width, text.size()), ' ');
}

std::string paint(CheckStatus status, const Painter& painter) {
  switch (status) {
    case CheckStatus::kPass:
      return painter.green("PASS");
    case CheckStatus::kWarn:
      return painter.yellow("WARN");
    case CheckStatus::kFail:
      return painter.bold_red("FAIL");
    case CheckStatus::kSkip:
      break;
  }
  return painter.cyan("SKIP");
}

std::string summarize(const CheckCounts& counts) {
  return fmt::format("{} passed, {}{}{} failed, {} skipped", counts.passed, counts.warnings,
                     counts.warnings == 1 ? " warning, " : " warnings, ", counts.failed,
                     counts.skipped);
}

// Every finding that is none of kPass, with its fix: "what; fix: command".
std::string describe_findings(const Findings& findings, CheckStatus status) {
  std::string text;
  for (const CheckFinding& finding : findings.all()) {
    if (finding.status != status) continue;
    text += (text.empty() ? "" : "\n") + finding.message;
    if (!finding.fix.empty()) text += "\nfix: " + finding.fix;
  }
  return text;
}

std::string first_message(const Findings& findings, CheckStatus status) {
  for (const CheckFinding& finding : findings.all()) {
    if (finding.status == status) return finding.message;
  }
  return {};
}

JunitCase junit_case_of(const CheckResult& result) {
  const CheckStatus status = result.findings.status();
  JunitCase found{.name = std::string(result.check->id), .message = {}, .text = {}};
  if (status == CheckStatus::kPass) return found;
  found.text = describe_findings(result.findings, status);
  if (status == CheckStatus::kWarn) {
    found.text.insert(0, "WARN ");
    return found;
  }
  found.outcome = status == CheckStatus::kFail ? JunitOutcome::kFailed : JunitOutcome::kSkipped;
  found.message = first_message(result.findings, status);
  if (status == CheckStatus::kSkip) found.text.clear();
  return found;
}

}  // namespace

std::string print_checks_as_text(const std::vector<CheckResult>& results, const Painter& painter) {
  const std::size_t width = name_width();
  const std::string indent(kStatusWidth + width, ' ');
  std::string out;
  for (const CheckResult& result : results) {
    std::string_view name = result.check->id;
    for (const CheckFinding& finding : result.findings.all()) {
      out += fmt::format("{}  {}{}", paint(finding.status, painter), padded(name, width),
                         wrap_after(indent.size(), finding.message, terminal_width()));
      if (!finding.fix.empty())
        out += fmt::format("{}fix: {}\n", indent, painter.bold(finding.fix));
      name = {};
    }
  }
  return fmt::format("{}\n{}\n", out, summarize(count(results)));
}

std::string print_checks_as_json(const std::vector<CheckResult>& results) {
  nlohmann::ordered_json document = {{"checks", nlohmann::ordered_json::array()}};
  for (const CheckResult& result : results) {
    nlohmann::ordered_json findings = nlohmann::ordered_json::array();
    for (const CheckFinding& finding : result.findings.all()) {
      findings.push_back({{"status", to_string(finding.status)},
                          {"message", finding.message},
                          {"fix", finding.fix}});
    }
    document["checks"].push_back({{"id", result.check->id},
                                  {"title", result.check->title},
                                  {"status", to_string(result.findings.status())},
                                  {"findings", std::move(findings)}});
  }
  const CheckCounts counts = count(results);
  document["summary"] = {{"passed", counts.passed},
                         {"warnings", counts.warnings},
                         {"failed", counts.failed},
                         {"skipped", counts.skipped}};
  return document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

std::string print_checks_as_junit(const std::vector<CheckResult>& results) {
  JunitSuite suite{.name = "doctor", .file = {}, .cases = {}};
  for (const CheckResult& result : results) suite.cases.push_back(junit_case_of(result));
  return print_junit("cvm-webhook doctor", {suite}, std::nullopt);
}

}  // namespace cvm::webhook
