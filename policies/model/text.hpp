// Text that others wrote, as it may stand in a message, and lists of words.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace cvm {

// What a pod, a node or a user says: cut after 64 bytes ("..."), with "?" for each byte that is no
// printable ASCII or a quotation mark. The only way by which such text gets into a message.
std::string readable(std::string_view text);
// The same in quotation marks.
std::string quoted(std::string_view text);

// "a, b or c"; an empty word is written as "".
std::string list_words(std::span<const std::string_view> words, std::string_view last = "or");

// The first of them, and how many more there are: "a, b and 3 more".
std::string list_some(std::span<const std::string> names, std::size_t most);

// The longest start of `text` (UTF-8) of at most `limit` bytes that does not cut a character.
std::string_view cut_utf8(std::string_view text, std::size_t limit);

}  // namespace cvm
