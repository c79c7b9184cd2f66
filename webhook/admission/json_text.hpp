// Pieces of JSON text, appended to a buffer.
#pragma once

#include <string>
#include <string_view>

namespace cvm::webhook {

// `text` as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

// The same without the quotes, for a string that is written in pieces.
void append_json_escaped(std::string& out, std::string_view text);

// `bytes` in base64 (RFC 4648, with padding), without quotes.
void append_base64(std::string& out, std::string_view bytes);

// The longest start of `text` of at most `limit` bytes that does not cut a character.
std::string_view cut_utf8(std::string_view text, std::size_t limit);

}  // namespace cvm::webhook
