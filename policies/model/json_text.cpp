#include "policies/model/json_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace cvm {

namespace {

constexpr auto kPlain = [] {
  std::array<bool, 256> plain = {};
  for (unsigned character = 0x20; character < 0x7f; ++character) {
    plain[character] = character != '"' && character != '\\';
  }
  return plain;
}();

// Printable ASCII that stands for itself.
bool is_plain(char character) { return kPlain[static_cast<unsigned char>(character)]; }

// True when all of the eight bytes are plain; false also for some others. (Bytes below n: Sean Eron
// Anderson, Bit Twiddling Hacks, "hasless".)
bool are_plain(const char* bytes) {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kHighBits = kOnes << 7U;
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  const auto has_below = [](std::uint64_t in, std::uint64_t limit) {
    return (in - kOnes * limit) & ~in & kHighBits;
  };
  const std::uint64_t del_or_beyond_ascii = (word | (word + kOnes)) & kHighBits;
  return (has_below(word, 0x20) | has_below(word ^ (kOnes * '"'), 1) |
          has_below(word ^ (kOnes * '\\'), 1) | del_or_beyond_ascii) == 0;
}

// Length of the UTF-8 sequence at the begin of `text`, 0 when there is none (RFC 3629).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(text[index]); };
  const auto continues = [&](std::size_t index, unsigned low = 0x80, unsigned high = 0xBF) {
    return index < text.size() && byte(index) >= low && byte(index) <= high;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return continues(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const unsigned low = lead == 0xE0 ? 0xA0 : 0x80, high = lead == 0xED ? 0x9F : 0xBF;
    return continues(1, low, high) && continues(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const unsigned low = lead == 0xF0 ? 0x90 : 0x80, high = lead == 0xF4 ? 0x8F : 0xBF;
    return continues(1, low, high) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

// Almost all texts are plain. The last eight bytes may be looked at twice.
bool are_plain(std::string_view text) {
  if (text.size() < 8) {
    return std::all_of(text.begin(), text.end(), [](char each) { return is_plain(each); });
  }
  for (std::size_t position = 0; position + 8 < text.size(); position += 8) {
    if (!are_plain(text.data() + position)) return false;
  }
  return are_plain(text.data() + text.size() - 8);
}

// "\"", "\\n", "\\u001f"
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

}  // namespace

void append_json_escaped(std::string& out, std::string_view text) {
  if (are_plain(text)) {
    out.append(text);
    return;
  }
  while (!text.empty()) {
    std::size_t plain = 0;
    while (plain + 8 <= text.size() && are_plain(text.data() + plain)) plain += 8;
    while (plain < text.size() && is_plain(text[plain])) ++plain;
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) return;
    const std::size_t length = utf8_length(text);
    if (length == 1) {
      append_json_escape(out, text.front());
    } else if (length > 1) {
      out.append(text.substr(0, length));
    } else {
      out += "\xEF\xBF\xBD";  // U+FFFD
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
}

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  append_json_escaped(out, text);
  out += '"';
}

void append_json_member(std::string& out, JsonName name, std::string_view value) {
  const bool is_first = out.back() == '[' || out.back() == '{';
  out.append(is_first ? "\"" : ",\"").append(name.text()).append("\":\"");
  append_json_escaped(out, value);
  out += '"';
}

}  // namespace cvm
