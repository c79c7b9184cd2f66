// Where something stands in a text.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace cvm::webhook {

// Columns are counted in characters (code points), as editors and SARIF's unicodeCodePoints do.
struct TextPosition {
  int line = 1, column = 1;  // from 1
};

// Whether a byte of UTF-8 begins a character.
constexpr bool begins_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

// The position of the byte at `offset` of a UTF-8 text; `line` is counted from 0, and `bytes` are
// what stands before it in its line.
inline TextPosition position_of_byte(std::string_view text, int line, std::size_t offset,
                                     std::size_t bytes) {
  offset = std::min(offset, text.size());
  const std::string_view before = text.substr(offset - std::min(bytes, offset), bytes);
  const auto characters = std::count_if(before.begin(), before.end(), begins_character);
  return {line + 1, static_cast<int>(characters) + 1};
}

}  // namespace cvm::webhook
