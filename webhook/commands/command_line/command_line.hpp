// The program's command line: the tree of its verbs, read, explained and completed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "webhook/commands/command_line/command.hpp"

namespace cvm::webhook {

class CommandLine {
 public:
  // `name`: how the program calls itself; `footer` stands below its own help.
  CommandLine(std::string name, const char* description, const char* version, const char* footer);
  ~CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  Command root();

  // Puts `to` where the help of verbs has `from` before a verb.
  void rename_in_footers(std::string_view from, std::string_view to);

  // What may come after the words, the last of which is being typed, as completion.hpp prints it.
  std::string complete(const std::vector<std::string>& words);

  // Runs the verb that is named, and returns its exit code; or prints help, or what is wrong. What
  // the verb throws passes, but UsageError.
  int run(int argc, const char* const* argv);

 private:
  std::unique_ptr<CLI::App> app_;
  int exit_code_ = 0;
};

}  // namespace cvm::webhook
