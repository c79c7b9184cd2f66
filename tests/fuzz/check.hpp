// What a fuzz target holds to be true. A failure ends the process, as libFuzzer expects of a find.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

#define CVM_CHECK(condition, shown) \
  ((condition) ? void() : ::cvm::fuzz::fail(#condition, __FILE__, __LINE__, (shown)))

namespace cvm::fuzz {

[[noreturn]] inline void fail(const char* condition, const char* file, int line,
                              const std::string& shown) {
  std::fprintf(stderr, "%s:%d: does not hold: %s\n%s\n", file, line, condition, shown.c_str());
  std::abort();
}

}  // namespace cvm::fuzz
