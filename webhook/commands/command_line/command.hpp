// A verb and its options, as the verbs declare them. CLI11 reads the command line; to include it
// takes seconds, so only the sources of this folder do.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace cvm::webhook {

// Options that do not go together. Ends the program with exit code 2 and a word about --help.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// An option or, where its name has no dash, an argument.
class Option {
 public:
  explicit Option(CLI::Option* option) : option_(option) {}

  // How help calls its value: FILE; empty: not at all. Shells complete FILE and DIR.
  Option& takes(const char* value);
  Option& required();
  Option& shows_default();
  // One of these words alone; or any, these being likely. Shells complete them.
  Option& one_of(const std::vector<std::string>& words);
  Option& suggests(const std::vector<std::string>& words);
  Option& needs(const Option& other);
  Option& excludes(const Option& other);
  // One value each time that the option is given, not all words that follow.
  Option& once_each();
  Option& separated_by(char delimiter);
  // The heading in help under which it stands.
  Option& under(const char* heading);

 private:
  CLI::Option* option_;
};

// Refers to a verb, or to a group of its options. Targets are written when the command line is
// read, and until then hold the defaults.
class Command {
 public:
  Command(CLI::App& app, int& exit_code) : app_(&app), exit_code_(&exit_code) {}

  Command add_command(const char* name, const char* description) const;
  // A verb that does nothing but hold others.
  Command add_family(const char* name, const char* description) const;
  // Of its options as many must be given, at least and at most.
  Command add_group(const char* name, const char* description, std::size_t least,
                    std::size_t most) const;

  Option option(const char* names, std::string& target, const char* help) const;
  Option option(const char* names, std::vector<std::string>& target, const char* help) const;
  Option flag(const char* names, bool& target, const char* help) const;
  Option number(const char* names, std::size_t& target, const char* help, std::size_t least,
                std::size_t most) const;
  Option number(const char* names, unsigned& target, const char* help, unsigned least,
                unsigned most) const;
  Option number(const char* names, double& target, const char* help, double least,
                double most) const;
  // "10s", "250ms", "2m".
  Option duration(const char* names, std::chrono::milliseconds& target, const char* help,
                  std::chrono::milliseconds least = {}) const;
  // A word for each value.
  template <typename Value>
  Option choice(const char* names, Value& target, const char* help,
                const std::map<std::string, Value>& choices) const;

  // What help says below the options.
  void footer(const char* text) const;
  // What it does, and returns as the program's exit code.
  void runs(std::function<int()> run) const;

  CLI::App& app() const { return *app_; }

 private:
  Option word(const char* names, const std::function<void(const std::string&)>& use,
              const char* help, const std::vector<std::string>& words) const;

  CLI::App* app_;
  int* exit_code_;
};

template <typename Value>
Option Command::choice(const char* names, Value& target, const char* help,
                       const std::map<std::string, Value>& choices) const {
  std::vector<std::string> words;
  words.reserve(choices.size());
  for (const auto& each : choices) words.push_back(each.first);
  const auto use = [choices, &target](const std::string& text) { target = choices.at(text); };
  return word(names, use, help, words);
}

}  // namespace cvm::webhook
