// man: the manual page.
#include <iostream>

#include "webhook/commands/command_line/command.hpp"
#include "webhook/commands/command_line/man_page.hpp"
#include "webhook/commands/commands.hpp"
#include "webhook/terminal/exit_codes.hpp"

namespace cvm::webhook {
namespace {

constexpr const char* kManExamples = R"(
Examples:
  cvm-webhook man | man -l -
  cvm-webhook man > cvm-webhook.1)";

}  // namespace

void add_man_command(const Command& program) {
  const Command man = program.add_command("man", "Print the manual page, for man(1)");
  man.footer(kManExamples);
  man.runs([program] {
    std::cout << make_man_page(program.app(), CVM_VERSION);
    return kExitOk;
  });
}

}  // namespace cvm::webhook
