// JSON written straight into a string: no document is built on the request path.
#pragma once

#include <string>
#include <string_view>

namespace cvm {

// Appends `text` (valid UTF-8) as a JSON string with its quotes.
void append_json_string(std::string& out, std::string_view text);

// The same, without the quotes.
void append_json_escaped(std::string& out, std::string_view text);

// Appends the escape of one character: "\"", "\n", "\u001f".
void append_json_escape(std::string& out, char character);

// Appends `token` escaped for use in a JSON pointer: "a/b~c" becomes "a~1b~0c" (RFC 6901).
void append_pointer_token(std::string& out, std::string_view token);

}  // namespace cvm
