// Suites from YAML.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "webhook/suites/suite.hpp"

namespace cvm::webhook {

struct SuiteResult {
  Suite suite;                        // complete when there are no mistakes
  std::vector<std::string> mistakes;  // "suite.yaml:3:7: cases[0].expect: ..."; all of them

  bool ok() const { return mistakes.empty(); }
};

struct SuiteOptions {
  // A file of expect.objectIsFile need not be there: it is about to be written.
  bool may_lack_expected_files = false;
};

// `file` is the name for messages, and says where the files are that the suite names.
SuiteResult parse_suite(std::string_view yaml, const std::string& file,
                        const SuiteOptions& options = {});

// Reads the file first; one that cannot be read is a mistake.
SuiteResult load_suite(const std::string& file, const SuiteOptions& options = {});

}  // namespace cvm::webhook
