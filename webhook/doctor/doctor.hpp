// The preflight of a cluster: every check, in order.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "webhook/doctor/check.hpp"

namespace cvm::webhook {

struct Check {
  std::string_view id;     // "runtime-class"
  std::string_view title;  // what is true where it passes: "The RuntimeClass of CVMs fits"
  void (*run)(const CheckInput& input, Findings& out);
};

std::span<const Check> all_checks();

struct CheckResult {
  const Check* check;  // never null
  Findings findings;   // at least one
};

struct CheckCounts {
  std::size_t passed = 0, warnings = 0, failed = 0, skipped = 0;
};

// Pure: the same input gives the same results.
std::vector<CheckResult> run_checks(const CheckInput& input);
CheckCounts count(const std::vector<CheckResult>& results);

}  // namespace cvm::webhook
