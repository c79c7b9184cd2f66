// Where something stands in a text.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

namespace cvm::webhook {

// Columns are counted in characters (code points), as editors and SARIF's unicodeCodePoints do.
struct TextPosition {
  int line = 1, column = 1;  // from 1
};

// Whether a byte of UTF-8 begins a character.
constexpr bool begins_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U;
}

// The positions of bytes of a text in UTF-8, each found in logarithmic time however long the lines.
class TextPositions {
 public:
  explicit TextPositions(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (!begins_character(text[i])) inner_.push_back(i);
    }
  }

  // Of the byte at `offset`; `line` is counted from 0, and `bytes` stand before it in its line.
  TextPosition at(int line, std::size_t offset, std::size_t bytes) const {
    const std::size_t start = offset - std::min(bytes, offset);
    const auto first = std::lower_bound(inner_.begin(), inner_.end(), start);
    const auto last = std::lower_bound(first, inner_.end(), offset);
    return {line + 1, static_cast<int>(bytes) - static_cast<int>(last - first) + 1};
  }

 private:
  std::vector<std::size_t> inner_;  // where the bytes are that begin no character
};

}  // namespace cvm::webhook
