// Properties: what holds of everything that a generator makes. rapidcheck makes the cases, and of
// one that fails a small one that fails as well.
#pragma once

#include <cstddef>
#include <functional>

#include "tests/property/choices.hpp"

namespace cvm::testing {

struct PropertyScale {
  std::size_t cases = 100;
  std::size_t choices = 1000;  // that a case makes at most
};

// Runs `holds` on many choices; it asserts as any test does. The cases are the same in every run,
// unless the environment says otherwise: RC_PARAMS="max_success=20000" runs as many cases of each
// property by another seed each time, RC_PARAMS="seed=7" those of that seed. What a test counts
// over all cases is worth nothing once one failed (HasFailure()): others were shrunk from it.
void check_property(const PropertyScale& scale, const std::function<void(Choices&)>& holds);

}  // namespace cvm::testing
