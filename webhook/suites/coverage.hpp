// What the cases of suites show of the webhook: its rules, the parts of its plan, its settings.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "webhook/suites/suite_runner.hpp"

namespace cvm::webhook {

// Numbers of cases of the suites that are about the rule: those with a case in which it finds
// something. A case counts by what became of it, whether or not that was expected.
struct RuleCoverage {
  std::string_view rule;
  std::size_t found = 0;    // the rule found something
  std::size_t passed = 0;   // it looked, found nothing, and the case was admitted
  std::size_t skipped = 0;  // it did not look: it is off, or not about such a call

  // Of these three, how many there are.
  std::size_t covered() const;
  static constexpr std::size_t kPossible = 3;
};

// A part of the plan, and the number of cases in which it was put into a pod.
struct PartCoverage {
  std::string_view part;
  std::size_t cases = 0;
};

struct Coverage {
  std::vector<RuleCoverage> rules;  // every one, by id
  std::vector<PartCoverage> parts;  // every one
  // Keys of the settings file which no case gives another value than the default; not counted.
  std::vector<std::string> settings_not_varied;

  std::size_t covered() const;
  std::size_t possible() const;
  double percent() const;
};

Coverage measure_coverage(const std::vector<SuiteRun>& runs);

}  // namespace cvm::webhook
