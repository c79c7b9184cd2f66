#include "policies/model/text.hpp"

#include <algorithm>

namespace cvm {

namespace {

constexpr std::size_t kLongestText = 64;  // bytes; Linux itself allows a kernel release no more

}  // namespace

std::string readable(std::string_view text) {
  std::string out;
  for (char byte : text.substr(0, kLongestText)) {
    const bool plain = byte >= ' ' && byte <= '~' && byte != '"';
    out += plain ? byte : '?';
  }
  if (text.size() > kLongestText) out += "...";
  return out;
}

std::string quoted(std::string_view text) { return '"' + readable(text) + '"'; }

std::string list_words(std::span<const std::string_view> words, std::string_view last) {
  std::string list;
  for (std::size_t each = 0; each < words.size(); ++each) {
    if (each > 0 && each + 1 == words.size()) {
      list.append(" ").append(last).append(" ");
    } else if (each > 0) {
      list += ", ";
    }
    list += words[each].empty() ? "\"\"" : words[each];
  }
  return list;
}

std::string list_some(std::span<const std::string> names, std::size_t most) {
  std::string list;
  for (const std::string& name : names.first(std::min(names.size(), most))) {
    if (!list.empty()) list += ", ";
    list += name;
  }
  if (names.size() > most) list += " and " + std::to_string(names.size() - most) + " more";
  return list;
}

std::string_view cut_utf8(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  std::size_t end = limit;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end);
}

}  // namespace cvm
