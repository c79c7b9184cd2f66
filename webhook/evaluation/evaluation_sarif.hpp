// Evaluations as SARIF 2.1.0 (docs.oasis-open.org/sarif/sarif/v2.1.0): what code hosts show beside
// the lines of a change.
#pragma once

#include <string>
#include <vector>

#include "webhook/evaluation/evaluation.hpp"

namespace cvm::webhook {

// One run; a result for each finding, at its place in `file`. Audits are notes.
std::string print_as_sarif(const std::vector<Evaluation>& results, const InputFile& file);

}  // namespace cvm::webhook
