// Runs the built cvm-webhook as a user would.
#pragma once

#include <string>
#include <vector>

namespace cvm::webhook {

struct Outcome {
  int exit_code = -1;  // -1: it did not end by itself
  std::string out, err;
};

// `environment` is the whole environment: "NO_COLOR=1". `program`: its name where it is built. The
// working directory is the source tree, so that paths in messages are short.
Outcome run_binary(const std::vector<std::string>& arguments, const std::string& input = "",
                   const std::vector<std::string>& environment = {},
                   const std::string& program = "cvm-webhook");

// A file of tests/data.
std::string read_test_data(const std::string& name);

}  // namespace cvm::webhook
