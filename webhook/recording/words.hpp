// Words in texts that may name somebody.
#pragma once

#include <algorithm>
#include <cctype>
#include <string_view>

namespace cvm::webhook {

inline bool is_word_character(char character) {
  return std::isalnum(static_cast<unsigned char>(character)) != 0;
}

template <typename Texts>
bool contains(const Texts& texts, std::string_view text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

}  // namespace cvm::webhook
