// Which cases of suites are run: those whose id, suite/case, has a match for a regular expression.
#pragma once

#include <string>

#include "webhook/suites/suite.hpp"

namespace cvm::webhook {

// What is wrong with a regular expression; empty: nothing.
std::string find_pattern_mistake(const std::string& pattern);

// Leaves in the suite the cases that match; an empty pattern matches all.
void select_cases(Suite& suite, const std::string& pattern);

}  // namespace cvm::webhook
