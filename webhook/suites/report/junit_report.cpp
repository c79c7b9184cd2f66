#include <cstdio>

#include "webhook/formats/xml_text.hpp"
#include "webhook/suites/report/report.hpp"

namespace cvm::webhook {

namespace {

std::string number(const char* name, std::size_t value) {
  return xml_attribute(name, std::to_string(value));
}

std::string seconds(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6f", value);
  return xml_attribute("time", text);
}

std::string numbers_of(const RunCounts& counts) {
  return number("tests", counts.all()) + number("failures", counts.failed) +
         number("errors", counts.unusable) + number("skipped", counts.not_run);
}

std::string first_line(const CaseResult& result) {
  if (result.status == CaseStatus::kUnusable) return result.error;
  std::string names;
  for (const Mismatch& mismatch : result.mismatches) {
    names += (names.empty() ? "" : ", ") + mismatch.what;
  }
  return names;
}

std::string print_case(const Suite& suite, const SuiteCase& one, const CaseResult& result) {
  std::string out = "    <testcase" + xml_attribute("name", one.name) +
                    xml_attribute("classname", suite.name) + xml_attribute("file", suite.file) +
                    number("line", static_cast<std::size_t>(one.place.line)) +
                    seconds(result.seconds);
  const auto outcome = [&](const char* tag) {
    return out + ">\n      <" + tag + xml_attribute("message", first_line(result)) + ">" +
           escape_xml(describe_failure(result)) + "</" + tag + ">\n    </testcase>\n";
  };
  switch (result.status) {
    case CaseStatus::kFailed:
      return outcome("failure");
    case CaseStatus::kUnusable:
      return outcome("error");
    case CaseStatus::kNotRun:
      return out + ">\n      <skipped/>\n    </testcase>\n";
    case CaseStatus::kPassed:
      break;
  }
  return out + "/>\n";
}

}  // namespace

std::string print_tests_as_junit(const TestReport& report) {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites" +
                    xml_attribute("name", "cvm-webhook test") + numbers_of(count(report.runs)) +
                    seconds(report.seconds) + ">\n";
  for (const SuiteRun& run : report.runs) {
    double sum = 0;
    for (const CaseResult& result : run.results) sum += result.seconds;
    out += "  <testsuite" + xml_attribute("name", run.suite->name) +
           xml_attribute("file", run.suite->file) + numbers_of(count(run)) + seconds(sum) + ">\n";
    for (std::size_t i = 0; i < run.results.size(); ++i) {
      out += print_case(*run.suite, run.suite->cases[i], run.results[i]);
    }
    out += "  </testsuite>\n";
  }
  return out + "</testsuites>\n";
}

}  // namespace cvm::webhook
