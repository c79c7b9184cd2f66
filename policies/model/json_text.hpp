// JSON written straight into a string: no document is built on the request path.
#pragma once

#include <string>
#include <string_view>

namespace cvm {

// Appends `text` as a JSON string with its quotes. Bytes that are not UTF-8 become U+FFFD; all but
// printable ASCII and UTF-8 is escaped.
void append_json_string(std::string& out, std::string_view text);

// The same, without the quotes.
void append_json_escaped(std::string& out, std::string_view text);

// A comma, unless `out` ends where a list or an object begins.
inline void append_json_comma(std::string& out) {
  if (out.back() != '[' && out.back() != '{') out += ',';
}

// Appends the texts as a JSON list of strings.
template <typename Texts>
void append_json_strings(std::string& out, const Texts& texts) {
  out += '[';
  for (std::string_view text : texts) {
    append_json_comma(out);
    append_json_string(out, text);
  }
  out += ']';
}

// A name that the program gives a member: it stands for itself in JSON.
class JsonName {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): a literal is a name.
  consteval JsonName(const char* name) : text_(name) {
    for (const char each : text_) {
      if (each < ' ' || each > '~' || each == '"' || each == '\\') throw "does not compile";
    }
  }
  std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

// Appends `"name":"value"`, after a comma where there is a member before it.
void append_json_member(std::string& out, JsonName name, std::string_view value);

// Calls append(piece) with the pieces of `key` as it stands in a JSON pointer: "a/b~c" is
// "a~1b~0c" (RFC 6901).
template <typename Append>
void for_each_pointer_piece(std::string_view key, Append&& append) {
  while (true) {
    std::size_t special = 0;  // find_first_of() calls a function for each character
    while (special < key.size() && key[special] != '~' && key[special] != '/') ++special;
    append(key.substr(0, special));
    if (special == key.size()) return;
    append(key[special] == '~' ? std::string_view("~0") : std::string_view("~1"));
    key.remove_prefix(special + 1);
  }
}

// Appends "/<key>" to a JSON pointer, escaped.
inline void append_pointer_key(std::string& pointer, std::string_view key) {
  pointer += '/';
  for_each_pointer_piece(key, [&pointer](std::string_view piece) { pointer += piece; });
}

}  // namespace cvm
