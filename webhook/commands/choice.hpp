// Options that take one of some words.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>

namespace cvm::webhook {

// Turns the word into its value; of another word it says which are expected.
template <typename Enum>
CLI::Validator one_of(const std::map<std::string, Enum>& choices) {
  const auto replace = [choices](std::string& text) -> std::string {
    if (const auto found = choices.find(text); found != choices.end()) {
      text = std::to_string(static_cast<int>(found->second));
      return {};
    }
    std::string expected;
    std::size_t left = choices.size();
    for (const auto& [word, value] : choices) {
      if (!expected.empty()) expected += left == 1 ? " or " : ", ";
      expected += word;
      --left;
    }
    return "expected " + expected + ", found \"" + text + "\"";
  };
  return {replace, ""};
}

}  // namespace cvm::webhook
