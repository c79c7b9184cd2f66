
#include <fmt/format.h>

#include <algorithm>

#include "webhook/formats/yaml_writer.hpp"
#include "webhook/suites/report/report.hpp"

namespace cvm::webhook {

namespace {

// A description ends at "#"; a line feed would end the line.
std::string describe(const Suite& suite, const SuiteCase& one) {
  std::string out;
  for (const char c : suite.id_of(one)) {
    if (c == '#' || c == '\\') out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out;
}

std::string diagnostics(const SuiteCase& one, const CaseResult& result) {
  const nlohmann::ordered_json fields = {
      {"at", one.place.text()},
      {"severity", result.status == CaseStatus::kUnusable ? "error" : "fail"},
      {"message", describe_failure(result)}};
  std::string out = "  ---\n", text = write_yaml(fields);
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    out += fmt::format("  {}\n", rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out + "  ...\n";
}

}  // namespace

std::string print_suites_as_tap(const SuiteReport& report) {
  std::string out = fmt::format("TAP version 14\n1..{}\n", count(report.runs).all());
  std::size_t number = 0;
  for (const SuiteRun& run : report.runs) {
    for (std::size_t i = 0; i < run.results.size(); ++i) {
      const SuiteCase& one = run.suite->cases[i];
      const CaseResult& result = run.results[i];
      const bool is_ok =
          result.status == CaseStatus::kPassed || result.status == CaseStatus::kNotRun;
      out +=
          fmt::format("{}{} - {}", is_ok ? "ok " : "not ok ", ++number, describe(*run.suite, one));
      if (result.status == CaseStatus::kNotRun) out += " # SKIP not run";
      out += '\n';
      if (!is_ok) out += diagnostics(one, result);
    }
  }
  return out;
}

}  // namespace cvm::webhook
