// Runs every policy suite of the source tree.
#include <gtest/gtest.h>

#include <exception>
#include <iostream>
#include <string>

#include "tests/policies/case_test.hpp"

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  try {
    for (const auto& suite : cvm::testing::suites_of(GTEST_FLAG_GET(filter))) {
      cvm::testing::register_cases(suite);
    }
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
  return RUN_ALL_TESTS();
}
