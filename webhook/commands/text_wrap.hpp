// Paragraphs for people.
#pragma once

#include <string>
#include <string_view>

namespace cvm::webhook {

// Breaks at spaces, so that no line is longer than `width` bytes but for words that are; each line
// is indented by `indent`, which counts. Ends with a line feed.
std::string wrap_text(std::string_view text, std::size_t width, std::size_t indent);

}  // namespace cvm::webhook
