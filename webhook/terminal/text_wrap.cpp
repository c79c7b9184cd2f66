#include "webhook/terminal/text_wrap.hpp"

#include <algorithm>

namespace cvm::webhook {

std::string wrap_text(std::string_view text, std::size_t width, std::size_t indent) {
  std::string out;
  std::size_t column = 0;  // 0: nothing stands in this line yet
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (word.empty()) continue;
    if (column > 0 && column + 1 + word.size() > width) {
      out += '\n';
      column = 0;
    }
    const std::size_t space = column == 0 ? indent : 1;
    out.append(space, ' ').append(word);
    column += space + word.size();
  }
  out += '\n';
  return out;
}

bool is_room_for_text(std::size_t columns) { return columns >= 24; }

std::string wrap_after(std::size_t indent, std::string_view text, std::size_t width) {
  if (width < indent || !is_room_for_text(width - indent)) return std::string(text) + "\n";
  const std::string wrapped = wrap_text(text, width, indent);
  return wrapped.substr(std::min(indent, wrapped.size() - 1));
}

}  // namespace cvm::webhook
