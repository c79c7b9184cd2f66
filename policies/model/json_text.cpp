#include "policies/model/json_text.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace cvm {

namespace {

bool needs_escape(char character) {
  return static_cast<unsigned char>(character) < 0x20 || character == '"' || character == '\\';
}

// True when none of the eight bytes needs an escape; false also for some that do not. (Bytes below
// n: Sean Eron Anderson, Bit Twiddling Hacks, "hasless".)
bool is_plain(const char* bytes) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  const auto has_below = [](std::uint64_t in, std::uint64_t limit) {
    return (in - kOnes * limit) & ~in & (kOnes << 7U);
  };
  return (has_below(word, 0x20) | has_below(word ^ (kOnes * '"'), 1) |
          has_below(word ^ (kOnes * '\\'), 1)) == 0;
}

// Almost all texts are plain. The last eight bytes may be looked at twice.
bool is_plain(std::string_view text) {
  if (text.size() < 8) return std::none_of(text.begin(), text.end(), needs_escape);
  for (std::size_t position = 0; position + 8 < text.size(); position += 8) {
    if (!is_plain(text.data() + position)) return false;
  }
  return is_plain(text.data() + text.size() - 8);
}

}  // namespace

void append_json_escape(std::string& out, char character) {
  switch (character) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto code = static_cast<unsigned char>(character);
  out += "\\u00";
  out += kDigits[code >> 4];
  out += kDigits[code & 15U];
}

void append_json_escaped(std::string& out, std::string_view text) {
  if (is_plain(text)) {
    out.append(text);
    return;
  }
  std::size_t start = 0;
  for (std::size_t position = 0; position < text.size(); ++position) {
    while (position + 8 <= text.size() && is_plain(text.data() + position)) position += 8;
    if (position == text.size()) break;
    if (!needs_escape(text[position])) continue;
    out.append(text, start, position - start);
    append_json_escape(out, text[position]);
    start = position + 1;
  }
  out.append(text, start);
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  append_json_escaped(out, text);
  out += '"';
}

void append_json_member(std::string& out, std::string_view name, std::string_view value) {
  append_json_comma(out);
  append_json_string(out, name);
  out += ':';
  append_json_string(out, value);
}

}  // namespace cvm
