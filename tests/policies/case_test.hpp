// One gtest case for each case of a policy suite.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "webhook/suites/suite.hpp"

namespace cvm::testing {

// Every suite in every folder below `root`, in the order of their names. Throws std::runtime_error
// on mistakes in one, on a file or folder that is no suite, and on a name that two cases of a
// folder have.
// `filter`: a gtest filter; where it names one test, only the suites that may have it are read, as
// ctest runs each case in a process of its own.
std::vector<std::shared_ptr<const webhook::Suite>> load_suites(const std::filesystem::path& root,
                                                               const std::string& filter = "*");

// Registers each case as <folder>.<name>, both in the letters that a gtest filter takes.
void register_cases(const std::shared_ptr<const webhook::Suite>& suite);

}  // namespace cvm::testing
