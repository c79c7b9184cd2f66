// Results of tests as CI systems read them: what Jenkins' xunit plugin accepts.
// https://github.com/jenkinsci/xunit-plugin, src/main/resources/org/jenkinsci/plugins/xunit/types/
// model/xsd/junit-10.xsd
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cvm::webhook {

enum class JunitOutcome { kPassed, kFailed, kError, kSkipped };

struct JunitCase {
  std::string name;
  JunitOutcome outcome = JunitOutcome::kPassed;
  std::string message;  // one line: why it did not pass
  std::string text;     // the same in full; of a case that passed: what it printed
  std::optional<double> seconds = std::nullopt;
};

struct JunitSuite {
  std::string name;
  std::string file;  // may be empty
  std::vector<JunitCase> cases;
};

// `seconds`: how long all of it took.
std::string print_junit(std::string_view name, const std::vector<JunitSuite>& suites,
                        std::optional<double> seconds);

}  // namespace cvm::webhook
