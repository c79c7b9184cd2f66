// `test --update`: the files of expect.objectIsFile are given what is.
#pragma once

#include <string>
#include <vector>

#include "webhook/suites/suite_runner.hpp"

namespace cvm::webhook {

// Writes, atomically, the pod of every case whose other expectations are met and whose file has
// another or is not there; such a case has passed then. Returns the files that were written.
// Throws Unusable where two cases make one file different pods, or a file has no pod in it and so
// is not overwritten, or cannot be written.
std::vector<std::string> update_expected_files(std::vector<SuiteRun>& runs);

}  // namespace cvm::webhook
