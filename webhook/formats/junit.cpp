#include "webhook/formats/junit.hpp"

#include <fmt/format.h>

#include "webhook/formats/xml_text.hpp"

namespace cvm::webhook {
namespace {

struct JunitCounts {
  std::size_t tests = 0, failures = 0, errors = 0, skipped = 0;
};

void count_cases(const JunitSuite& suite, JunitCounts& counts) {
  counts.tests += suite.cases.size();
  for (const JunitCase& one : suite.cases) {
    counts.failures += one.outcome == JunitOutcome::kFailed ? 1 : 0;
    counts.errors += one.outcome == JunitOutcome::kError ? 1 : 0;
    counts.skipped += one.outcome == JunitOutcome::kSkipped ? 1 : 0;
  }
}

// The schema allows three decimals and no thousands that are not separated.
std::string time_attribute(std::optional<double> seconds) {
  return seconds ? fmt::format(" time=\"{:.3f}\"", *seconds) : "";
}

std::string count_attributes(const JunitCounts& counts) {
  return fmt::format(R"( tests="{}" failures="{}" errors="{}")", counts.tests, counts.failures,
                     counts.errors);
}

std::string print_outcome(const char* tag, const JunitCase& one) {
  const std::string message = one.message.empty() ? "" : xml_attribute("message", one.message);
  if (one.text.empty()) return fmt::format("<{}{}/>", tag, message);
  return fmt::format("<{0}{1}>{2}</{0}>", tag, message, escape_xml(one.text));
}

std::string print_inside(const JunitCase& one) {
  switch (one.outcome) {
    case JunitOutcome::kFailed:
      return print_outcome("failure", one);
    case JunitOutcome::kError:
      return print_outcome("error", one);
    case JunitOutcome::kSkipped:
      return print_outcome("skipped", one);
    case JunitOutcome::kPassed:
      break;
  }
  return one.text.empty() ? "" : fmt::format("<system-out>{}</system-out>", escape_xml(one.text));
}

std::string print_junit_case(const JunitSuite& suite, const JunitCase& one) {
  const std::string start =
      fmt::format("    <testcase{}{}{}", xml_attribute("name", one.name),
                  xml_attribute("classname", suite.name), time_attribute(one.seconds));
  const std::string inside = print_inside(one);
  if (inside.empty()) return start + "/>\n";
  return fmt::format("{}>\n      {}\n    </testcase>\n", start, inside);
}

std::string print_junit_suite(const JunitSuite& suite) {
  JunitCounts counts;
  count_cases(suite, counts);
  std::optional<double> seconds;
  std::string cases;
  for (const JunitCase& one : suite.cases) {
    if (one.seconds) seconds = seconds.value_or(0) + *one.seconds;
    cases += print_junit_case(suite, one);
  }
  return fmt::format(
      "  <testsuite{}{}{}{}{}>\n{}  </testsuite>\n", xml_attribute("name", suite.name),
      suite.file.empty() ? "" : xml_attribute("file", suite.file), count_attributes(counts),
      xml_attribute("skipped", fmt::to_string(counts.skipped)), time_attribute(seconds), cases);
}

}  // namespace

std::string print_junit(std::string_view name, const std::vector<JunitSuite>& suites,
                        std::optional<double> seconds) {
  JunitCounts counts;
  std::string inside;
  for (const JunitSuite& suite : suites) {
    count_cases(suite, counts);
    inside += print_junit_suite(suite);
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites{}{}{}>\n{}</testsuites>\n",
      xml_attribute("name", name), count_attributes(counts), time_attribute(seconds), inside);
}

}  // namespace cvm::webhook
