// One gtest case for each case of a policy suite.
#pragma once

#include <string>

#include "tests/policies/suite.hpp"

namespace cvm::testing {

// Registers `one` as <folder>.<name>, both in the letters that a gtest filter takes.
void register_case(const PolicyCase& one);

}  // namespace cvm::testing
