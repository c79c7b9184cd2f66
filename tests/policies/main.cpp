// Runs every policy suite of the source tree.
#include <gtest/gtest.h>

#include <exception>
#include <iostream>

#include "tests/policies/case_test.hpp"

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  try {
    for (const auto& one : cvm::testing::load_suites(CVM_SOURCE_DIR "/tests/policies")) {
      cvm::testing::register_case(one);
    }
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
  return RUN_ALL_TESTS();
}
