// FNV-1a, 64 bits: names a plan; it protects nothing (http://www.isthe.com/chongo/tech/comp/fnv/).
#pragma once

#include <cstdint>
#include <string_view>

namespace cvm {

inline constexpr std::uint64_t kFnvOffset = 0xcbf29ce484222325;
inline constexpr std::uint64_t kFnvPrime = 0x100000001b3;

// Goes on hashing from `state`, which is kFnvOffset at the start.
constexpr std::uint64_t fnv1a(std::string_view text, std::uint64_t state = kFnvOffset) {
  for (char character : text) {
    state ^= static_cast<unsigned char>(character);
    state *= kFnvPrime;
  }
  return state;
}

}  // namespace cvm
