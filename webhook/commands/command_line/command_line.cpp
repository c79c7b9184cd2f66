#include "webhook/commands/command_line/command_line.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cctype>
#include <iostream>
#include <optional>
#include <string_view>
#include <utility>

#include "policies/model/closest_name.hpp"
#include "webhook/commands/command_line/completion.hpp"
#include "webhook/terminal/exit_codes.hpp"

namespace cvm::webhook {
namespace {

// CLI11 would only say that a subcommand is required.
std::optional<std::string> find_unknown_command(const CLI::App& app, int argc,
                                                const char* const* argv) {
  const CLI::App* at = &app;
  std::string path;
  for (int index = 1; index < argc && argv[index][0] != '-'; ++index) {
    std::vector<std::string_view> names;
    const CLI::App* next = nullptr;
    for (const CLI::App* command : at->get_subcommands({})) {
      if (command->get_name().empty()) continue;  // a group of options
      names.push_back(command->get_name());
      if (names.back() == argv[index]) next = command;
    }
    if (names.empty()) return std::nullopt;  // what follows are arguments
    if (next == nullptr) {
      return fmt::format("unknown command {}{}{}\nRun with --help for more information.", path,
                         argv[index], did_you_mean(argv[index], names));
    }
    path += next->get_name() + " ";
    at = next;
  }
  return std::nullopt;
}

void rename_in_footer(CLI::App& app, std::string_view from, std::string_view to) {
  for (CLI::App* command : app.get_subcommands({})) rename_in_footer(*command, from, to);
  std::string text = app.get_footer();
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; ++at) {
    const std::string_view next = std::string_view(text).substr(at + from.size(), 2);
    // A command follows: not "--service cvm-webhook --namespace ...".
    const bool is_command = next.size() == 2 && next[0] == ' ' && std::isalpha(next[1]) != 0;
    if (is_command) text.replace(at, from.size(), to);
  }
  app.footer(text);
}

}  // namespace

CommandLine::CommandLine(std::string name, const char* description, const char* version,
                         const char* footer)
    : app_(std::make_unique<CLI::App>(description, std::move(name))) {
  app_->set_version_flag("--version", version);
  app_->require_subcommand(1);
  app_->footer(footer);
}

CommandLine::~CommandLine() = default;

Command CommandLine::root() { return {*app_, exit_code_}; }

void CommandLine::rename_in_footers(std::string_view from, std::string_view to) {
  rename_in_footer(*app_, from, to);
}

std::string CommandLine::complete(const std::vector<std::string>& words) {
  return print_completion(webhook::complete(*app_, words));
}

int CommandLine::run(int argc, const char* const* argv) {
  if (const auto message = find_unknown_command(*app_, argc, argv)) {
    std::cerr << *message << '\n';
    return kExitUnusable;
  }
  try {
    app_->parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // Help and version are "errors" with code 0.
    return app_->exit(error) == 0 ? kExitOk : kExitUnusable;
  } catch (const UsageError& error) {
    app_->exit(CLI::ValidationError(error.what()));
    return kExitUnusable;
  }
  return exit_code_;
}

}  // namespace cvm::webhook
