// Options that take one of some words, and which these are: messages and completion say so.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace cvm::webhook {

// Takes one of the words, as it is; of another it says which are expected.
CLI::Validator one_of_words(const std::vector<std::string>& words);

// Takes every text; the words are what it is likely to be.
CLI::Validator suggest_words(const std::vector<std::string>& words);

// The words of an option with one of these validators; none: it takes any.
std::vector<std::string> words_of(CLI::Option& option);

}  // namespace cvm::webhook
