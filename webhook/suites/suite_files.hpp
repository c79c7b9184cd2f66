// Which files below the paths of a command line are suites.
#pragma once

#include <string>
#include <vector>

namespace cvm::webhook {

struct SuiteFiles {
  std::vector<std::string> files;     // in the order of the paths, each folder's by name; once each
  std::vector<std::string> mistakes;  // "tests: no suite in this folder"
};

// A file counts as a suite; of a folder, every *.yaml and *.yml below it whose apiVersion is ours,
// settings files excepted: a kind that is mistyped is told by the reader.
SuiteFiles find_suites(const std::vector<std::string>& paths);

}  // namespace cvm::webhook
