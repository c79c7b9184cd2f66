#include "webhook/suites/report/report.hpp"

namespace cvm::webhook {

namespace {

using Json = nlohmann::ordered_json;

Json to_json(const SuiteCase& one, const CaseResult& result) {
  Json entry = {{"name", one.name}, {"line", one.place.line}, {"status", to_string(result.status)}};
  if (result.status == CaseStatus::kNotRun) return entry;
  if (result.status == CaseStatus::kUnusable) {
    entry["error"] = result.error;
    return entry;
  }
  entry["allowed"] = result.answer.allowed;
  entry["findings"] = Json::array();
  for (const Finding& finding : result.answer.findings) {
    entry["findings"].push_back({{"rule", finding.rule},
                                 {"action", to_string(finding.action)},
                                 {"message", finding.message},
                                 {"field", finding.field}});
  }
  entry["differences"] = Json::array();
  for (const Mismatch& mismatch : result.mismatches) {
    entry["differences"].push_back({{"what", mismatch.what},
                                    {"expected", Json(mismatch.expected)},
                                    {"actual", Json(mismatch.actual)}});
  }
  return entry;
}

Json to_json(const Coverage& coverage) {
  Json rules = Json::array(), parts = Json::array();
  for (const RuleCoverage& rule : coverage.rules) {
    rules.push_back({{"rule", rule.rule},
                     {"found", rule.found},
                     {"passed", rule.passed},
                     {"skipped", rule.skipped}});
  }
  for (const PartCoverage& part : coverage.parts) {
    parts.push_back({{"part", part.part}, {"cases", part.cases}});
  }
  return {{"percent", coverage.percent()},   {"covered", coverage.covered()},
          {"possible", coverage.possible()}, {"rules", std::move(rules)},
          {"parts", std::move(parts)},       {"settingsNotVaried", coverage.settings_not_varied}};
}

}  // namespace

std::string print_suites_as_json(const SuiteReport& report) {
  Json suites = Json::array();
  for (const SuiteRun& run : report.runs) {
    Json cases = Json::array();
    for (std::size_t i = 0; i < run.results.size(); ++i) {
      cases.push_back(to_json(run.suite->cases[i], run.results[i]));
    }
    suites.push_back(
        {{"name", run.suite->name}, {"file", run.suite->file}, {"cases", std::move(cases)}});
  }
  const RunCounts counts = count(report.runs);
  Json document = {{"suites", std::move(suites)},
                   {"summary",
                    {{"suites", report.runs.size()},
                     {"cases", counts.all()},
                     {"passed", counts.passed},
                     {"failed", counts.failed},
                     {"unusable", counts.unusable},
                     {"notRun", counts.not_run}}}};
  if (report.coverage) document["coverage"] = to_json(*report.coverage);
  return document.dump(2) + "\n";
}

}  // namespace cvm::webhook
