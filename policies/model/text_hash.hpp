// A hash of texts, 64 bits; it protects nothing. The same on every replica and in every
// version of what is named by it: plans, texts of nodes.
//
// FNV-1a in steps of eight bytes: a multiplication for each byte would take longer than the rest
// of a decision.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace cvm {

// FNV's offset and prime (http://www.isthe.com/chongo/tech/comp/fnv/).
inline constexpr std::uint64_t kTextHashStart = 0xcbf29ce484222325;
inline constexpr std::uint64_t kTextHashPrime = 0x100000001b3;

constexpr std::uint64_t mix_text_hash(std::uint64_t word, std::uint64_t state) {
  state = (state ^ word) * kTextHashPrime;
  return state ^ (state >> 29U);  // lets the upper bytes of a word reach the lower bits
}

// Goes on hashing from `state`. The length counts too: "ab", "c" does not hash like "a", "bc".
inline std::uint64_t hash_text(std::string_view text, std::uint64_t state = kTextHashStart) {
  static_assert(std::endian::native == std::endian::little, "words would hash differently");
  std::uint64_t word = 0;
  state = mix_text_hash(text.size(), state);
  for (; text.size() >= sizeof word; text.remove_prefix(sizeof word)) {
    std::memcpy(&word, text.data(), sizeof word);
    state = mix_text_hash(word, state);
  }
  word = 0;
  if (!text.empty()) std::memcpy(&word, text.data(), text.size());
  return mix_text_hash(word, state);
}

}  // namespace cvm
