#include "webhook/commands/command_line/completion.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <set>

#include "webhook/commands/command_line/choice.hpp"

namespace cvm::webhook {
namespace {

// Where a command line has come to.
class Position {
 public:
  explicit Position(CLI::App& app) : app_(&app) {}

  void pass(const std::string& word) {
    if (awaiting_ != nullptr) {
      awaiting_ = nullptr;
    } else if (!only_arguments_ && word == "--") {
      only_arguments_ = true;
    } else if (!only_arguments_ && is_option(word)) {
      pass_option(word);
    } else if (CLI::App* command = find_command(word)) {
      app_ = command;
      given_.clear();
    } else {
      ++arguments_;
    }
  }

  Completion complete(const std::string& word) {
    if (awaiting_ != nullptr) return values(*awaiting_, "", word);
    const std::size_t equals = word.find('=');
    if (!only_arguments_ && is_option(word) && equals != std::string::npos) {
      CLI::Option* option = app_->get_option_no_throw(word.substr(0, equals));
      if (option == nullptr) return {};
      return values(*option, word.substr(0, equals + 1), word.substr(equals + 1));
    }
    if (!only_arguments_ && word.starts_with('-')) return options(word);
    Completion found;
    if (arguments_ == 0) add_commands(word, found);
    if (CLI::Option* argument = next_argument()) {
      Completion more = values(*argument, "", word);
      std::move(more.candidates.begin(), more.candidates.end(),
                std::back_inserter(found.candidates));
      found.files = more.files;
    }
    return found;
  }

 private:
  static bool is_option(const std::string& word) { return word.size() > 1 && word[0] == '-'; }

  void pass_option(const std::string& word) {
    const std::size_t equals = word.find('=');
    CLI::Option* option = app_->get_option_no_throw(word.substr(0, equals));
    if (option == nullptr) return;
    given_.insert(option);
    const bool takes_value = option->get_items_expected_max() > 0;
    if (takes_value && equals == std::string::npos) awaiting_ = option;
  }

  CLI::App* find_command(const std::string& word) const {
    if (only_arguments_) return nullptr;
    for (CLI::App* command : app_->get_subcommands({})) {
      if (!command->get_name().empty() && command->check_name(word)) return command;
    }
    return nullptr;
  }

  void add_commands(const std::string& word, Completion& found) const {
    if (only_arguments_) return;
    for (CLI::App* command : app_->get_subcommands({})) {
      const bool is_group = command->get_name().empty() || command->get_group().empty();
      if (is_group || !command->get_name().starts_with(word)) continue;
      found.candidates.push_back({command->get_name(), command->get_description()});
    }
  }

  CLI::Option* next_argument() const {
    std::size_t left = arguments_;
    for (CLI::Option* option : app_->get_options([](CLI::Option* each) {
           return each->get_positional() && each->get_lnames().empty();
         })) {
      const auto most = static_cast<std::size_t>(std::max(option->get_items_expected_max(), 0));
      if (left < most) return option;
      left -= most;
    }
    return nullptr;
  }

  static Completion values(CLI::Option& option, const std::string& before,
                           const std::string& word) {
    Completion found;
    for (const std::string& each : words_of(option)) {
      if (each.starts_with(word)) found.candidates.push_back({before + each, ""});
    }
    const std::string type = option.get_type_name();
    found.files = type == "FILE" || type == "DIR" || option.get_name(true) == "FILE";
    return found;
  }

  // Of the command and of the groups of its options.
  void add_options(CLI::App& app, const std::string& word, Completion& found) const {
    for (CLI::Option* option : app.get_options({})) {
      const bool is_repeatable = option->get_items_expected_max() > 1;
      if (option->get_group().empty() || (given_.contains(option) && !is_repeatable)) continue;
      for (const std::string& name : option->get_lnames())
        add_option("--" + name, *option, word, found);
      for (const std::string& name : option->get_snames())
        add_option("-" + name, *option, word, found);
    }
    for (CLI::App* group : app.get_subcommands({})) {
      if (group->get_name().empty()) add_options(*group, word, found);
    }
  }

  static void add_option(const std::string& name, const CLI::Option& option,
                         const std::string& word, Completion& found) {
    if (name.starts_with(word)) found.candidates.push_back({name, option.get_description()});
  }

  Completion options(const std::string& word) const {
    Completion found;
    add_options(*app_, word, found);
    return found;
  }

  CLI::App* app_;
  CLI::Option* awaiting_ = nullptr;  // its value comes next
  std::set<CLI::Option*> given_;
  std::size_t arguments_ = 0;
  bool only_arguments_ = false;  // after "--"
};

// bash makes three words of "--output=json".
std::vector<std::string> without_lone_equals(const std::vector<std::string>& words) {
  std::vector<std::string> joined;
  for (const std::string& word : words) {
    const bool after_option = !joined.empty() && joined.back().starts_with("--");
    if (word == "=" && after_option) continue;
    joined.push_back(word);
  }
  // "--output=" and nothing yet.
  if (!words.empty() && words.back() == "=") joined.emplace_back();
  return joined;
}

}  // namespace

Completion complete(CLI::App& app, const std::vector<std::string>& words) {
  const std::vector<std::string> line = without_lone_equals(words);
  Position position(app);
  for (std::size_t index = 0; index + 1 < line.size(); ++index) position.pass(line[index]);
  return position.complete(line.empty() ? std::string() : line.back());
}

std::string print_completion(const Completion& completion) {
  std::string out;
  for (const Candidate& candidate : completion.candidates) {
    out += candidate.text;
    if (!candidate.description.empty()) out.append("\t").append(candidate.description);
    out += '\n';
  }
  return out + (completion.files ? ":0\n" : ":4\n");
}

}  // namespace cvm::webhook
