#include "webhook/admission/json_text.hpp"

#include <openssl/evp.h>

#include <array>
#include <cstdint>

namespace cvm::webhook {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

constexpr std::array<bool, 256> plain_bytes() {
  std::array<bool, 256> plain{};
  for (std::size_t byte = 0x20; byte < 0x80; ++byte) plain[byte] = byte != '"' && byte != '\\';
  return plain;
}
constexpr std::array<bool, 256> kPlain = plain_bytes();

unsigned byte_at(std::string_view text, std::size_t index) {
  return index < text.size() ? static_cast<unsigned char>(text[index]) : 0U;
}

bool is_continuation(unsigned byte) { return (byte & 0xC0U) == 0x80U; }

// Bytes of the well-formed character (The Unicode Standard, table 3-7) that begins at `index`,
// which is not ASCII; 0 when there is none.
std::size_t character_length(std::string_view text, std::size_t index) {
  const unsigned first = byte_at(text, index);
  const unsigned second = byte_at(text, index + 1);
  if (!is_continuation(second)) return 0;
  if (first >= 0xC2 && first <= 0xDF) return 2;
  if (!is_continuation(byte_at(text, index + 2))) return 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool overlong = first == 0xE0 && second < 0xA0;
    const bool surrogate = first == 0xED && second > 0x9F;
    return overlong || surrogate ? 0 : 3;
  }
  if (first < 0xF0 || first > 0xF4 || !is_continuation(byte_at(text, index + 3))) return 0;
  const bool overlong = first == 0xF0 && second < 0x90;
  const bool too_large = first == 0xF4 && second > 0x8F;
  return overlong || too_large ? 0 : 4;
}

void append_control(std::string& out, unsigned byte) {
  switch (byte) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\r':
      out += "\\r";
      return;
    default:
      break;
  }
  constexpr std::string_view kHex = "0123456789abcdef";
  out.append("\\u00").append(1, kHex[byte >> 4U]).append(1, kHex[byte & 15U]);
}

}  // namespace

void append_json_escaped(std::string& out, std::string_view text) {
  std::size_t start = 0;  // of what is yet to be copied
  std::size_t index = 0;
  while (index < text.size()) {
    const unsigned byte = byte_at(text, index);
    if (kPlain[byte]) {
      ++index;
      continue;
    }
    const std::size_t length = byte < 0x80 ? 0 : character_length(text, index);
    if (length > 0) {
      index += length;
      continue;
    }
    out.append(text, start, index - start);
    if (byte < 0x80) {
      append_control(out, byte);
    } else {
      out.append(kReplacement);
    }
    start = ++index;
  }
  out.append(text, start);
}

void append_json_string(std::string& out, std::string_view text) {
  out.push_back('"');
  append_json_escaped(out, text);
  out.push_back('"');
}

void append_base64(std::string& out, std::string_view bytes) {
  const std::size_t start = out.size();
  const std::size_t length = (bytes.size() + 2) / 3 * 4;
  out.resize(start + length + 1);  // EVP_EncodeBlock ends its text with a NUL
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data() + start),
                  reinterpret_cast<const unsigned char*>(bytes.data()),
                  static_cast<int>(bytes.size()));
  out.resize(start + length);
}

std::string_view cut_utf8(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  std::size_t end = limit;
  while (end > 0 && is_continuation(byte_at(text, end))) --end;
  return text.substr(0, end);
}

}  // namespace cvm::webhook
