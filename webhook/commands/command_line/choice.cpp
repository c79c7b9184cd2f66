#include "webhook/commands/command_line/choice.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "policies/model/closest_name.hpp"
#include "policies/model/text.hpp"

namespace cvm::webhook {
namespace {

// How a validator's name begins that has words; CLI11 has no better place to keep them.
constexpr std::string_view kMark = "words:";

std::vector<std::string_view> views_of(const std::vector<std::string>& words) {
  return {words.begin(), words.end()};
}

// nullptr after the last one, where CLI11 throws.
const CLI::Validator* validator_at(CLI::Option& option, int index) {
  try {
    return option.get_validator(index);
  } catch (const CLI::OptionNotFound&) {
    return nullptr;
  }
}

// "expected a, b or c, found \"d\"; did you mean c?"
std::string describe_expected(const std::vector<std::string>& words, const std::string& found) {
  const std::vector<std::string_view> views = views_of(words);
  return fmt::format("expected {}, found \"{}\"{}", list_words(views), found,
                     did_you_mean(found, views));
}

// Named so that words_of() finds the words.
CLI::Validator with_words(CLI::Validator validator, const std::vector<std::string>& words) {
  std::string name(kMark);
  for (const std::string& word : words) name += word + "|";
  return validator.name(std::move(name));
}

}  // namespace

CLI::Validator one_of_words(const std::vector<std::string>& words) {
  const auto check = [words](std::string& text) -> std::string {
    const bool is_known = std::find(words.begin(), words.end(), text) != words.end();
    return is_known ? "" : describe_expected(words, text);
  };
  return with_words({check, ""}, words);
}

CLI::Validator suggest_words(const std::vector<std::string>& words) {
  return with_words({[](std::string&) { return std::string(); }, ""}, words);
}

std::vector<std::string> words_of(CLI::Option& option) {
  std::vector<std::string> words;
  for (int index = 0; const CLI::Validator* validator = validator_at(option, index); ++index) {
    const std::string name = validator->get_name();
    if (!name.starts_with(kMark)) continue;
    std::string_view rest = std::string_view(name).substr(kMark.size());
    while (!rest.empty()) {
      const std::size_t end = rest.find('|');
      words.emplace_back(rest.substr(0, end));
      rest.remove_prefix(end + 1);
    }
  }
  return words;
}

}  // namespace cvm::webhook
