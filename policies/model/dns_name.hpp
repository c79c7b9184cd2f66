// Names as RFC 1123 has them, in lower case: of namespaces and, in parts, of most objects.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace cvm {

// Lower case letters, digits and dashes, with a letter or digit at both ends.
inline bool has_label_form(std::string_view text) {
  const auto is_alphanumeric = [](char each) {
    return (each >= 'a' && each <= 'z') || (each >= '0' && each <= '9');
  };
  return !text.empty() && is_alphanumeric(text.front()) && is_alphanumeric(text.back()) &&
         std::all_of(text.begin(), text.end(),
                     [&](char each) { return each == '-' || is_alphanumeric(each); });
}

inline bool is_dns_label(std::string_view text) {
  constexpr std::size_t kLongest = 63;
  return text.size() <= kLongest && has_label_form(text);
}

}  // namespace cvm
