// Counts calls of operator new in this binary, for tests of what must not allocate.
#pragma once

#include <cstddef>

namespace cvm::testing {

std::size_t allocation_count();

}  // namespace cvm::testing
