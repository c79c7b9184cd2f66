// Options that take one of some words, and which these are: messages and completion say so.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <vector>

namespace cvm::webhook {

// Turns the word into its value; of another word it says which are expected.
template <typename Enum>
CLI::Validator one_of(const std::map<std::string, Enum>& choices);

// Takes the words as they are.
CLI::Validator one_of_words(const std::vector<std::string>& words);

// Takes every text; the words are what it is likely to be.
CLI::Validator suggest_words(const std::vector<std::string>& words);

// The words of an option with one of these validators; none: it takes any.
std::vector<std::string> words_of(CLI::Option& option);

// Names a validator so that words_of() finds the words.
CLI::Validator with_words(CLI::Validator validator, const std::vector<std::string>& words);

// "expected a, b or c, found \"d\"; did you mean c?"
std::string describe_expected(const std::vector<std::string>& words, const std::string& found);

template <typename Enum>
CLI::Validator one_of(const std::map<std::string, Enum>& choices) {
  std::vector<std::string> words;
  words.reserve(choices.size());
  for (const auto& choice : choices) words.push_back(choice.first);
  const auto replace = [choices, words](std::string& text) -> std::string {
    const auto found = choices.find(text);
    if (found == choices.end()) return describe_expected(words, text);
    text = std::to_string(static_cast<int>(found->second));
    return {};
  };
  return with_words({replace, ""}, words);
}

}  // namespace cvm::webhook
