// One gtest case for each case of a policy suite.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "webhook/suites/suite.hpp"

namespace cvm::testing {

using Suites = std::vector<std::shared_ptr<const webhook::Suite>>;

// Every suite in every folder of tests/policies, in the order of their names; read once. Throws
// std::runtime_error on mistakes in one, on a file or folder that is no suite, and on a name that
// two cases of a folder have.
const Suites& all_suites();
// Those that may have a test of this gtest filter, as ctest can run each case in a process of its
// own.
Suites suites_of(const std::string& filter);

// Registers each case as <folder>.<name>, both in the letters that a gtest filter takes.
void register_cases(const std::shared_ptr<const webhook::Suite>& suite);

}  // namespace cvm::testing
