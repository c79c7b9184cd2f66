// What a change adds to what is said of an object.
#pragma once

#include "policies/model/finding.hpp"

namespace cvm {

// Adds the findings of `after` that `before` does not have. Moves from `after`.
void add_new_findings(Verdict& after, const Verdict& before, Verdict& out);

}  // namespace cvm
