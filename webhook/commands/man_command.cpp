// man: the manual page.
#include <CLI/CLI.hpp>
#include <iostream>

#include "webhook/commands/commands.hpp"
#include "webhook/commands/options/man_page.hpp"

namespace cvm::webhook {
namespace {

constexpr const char* kManExamples = R"(
Examples:
  cvm-webhook man | man -l -
  cvm-webhook man > cvm-webhook.1)";

}  // namespace

void add_man_command(CLI::App& app, int&) {
  CLI::App* man = app.add_subcommand("man", "Print the manual page, for man(1)");
  man->footer(kManExamples);
  man->callback([&app] { std::cout << make_man_page(app, CVM_VERSION); });
}

}  // namespace cvm::webhook
