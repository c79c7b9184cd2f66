// Paragraphs for people.
#pragma once

#include <string>
#include <string_view>

namespace cvm::webhook {

// Breaks at spaces, so that no line is longer than `width` bytes but for words that are; each line
// is indented by `indent`, which counts. Ends with a line feed.
std::string wrap_text(std::string_view text, std::size_t width, std::size_t indent);

// The same after what stands in the first `indent` columns already; in one line, as it is, when
// `width` is 0, as of what is no terminal, or leaves too little room for a paragraph.
std::string wrap_after(std::size_t indent, std::string_view text, std::size_t width);

// Whether so many columns are enough for a paragraph.
bool is_room_for_text(std::size_t columns);

}  // namespace cvm::webhook
