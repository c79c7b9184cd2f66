
#include <fmt/format.h>

#include <cstdio>

#include "webhook/suites/report/report.hpp"
#include "webhook/terminal/text_table.hpp"

namespace cvm::webhook {

namespace {

std::string cell(std::size_t cases) { return cases == 0 ? "-" : std::to_string(cases); }

}  // namespace

std::string print_coverage(const Coverage& coverage) {
  std::vector<std::vector<std::string>> rules = {{"RULE", "FOUND", "PASSED", "SKIPPED"}};
  for (const RuleCoverage& rule : coverage.rules) {
    rules.push_back(
        {std::string(rule.rule), cell(rule.found), cell(rule.passed), cell(rule.skipped)});
  }
  std::vector<std::vector<std::string>> parts = {{"PART OF THE PLAN", "CASES"}};
  for (const PartCoverage& part : coverage.parts) {
    parts.push_back({std::string(part.part), cell(part.cases)});
  }
  std::string out = fmt::format("{}\n{}\n", print_table(rules), print_table(parts));
  if (!coverage.settings_not_varied.empty()) {
    out += "settings that no case varies:";
    for (const std::string& key : coverage.settings_not_varied) out += "\n  " + key;
    out += "\n\n";
  }
  char percent[32];
  std::snprintf(percent, sizeof percent, "%.1f", coverage.percent());
  return fmt::format("{}coverage: {} % ({} of {})\n", out, percent, coverage.covered(),
                     coverage.possible());
}

}  // namespace cvm::webhook
