// Parses the command line and runs the command; turns what escapes it into exit code 2.

#include <fmt/format.h>

#include <cerrno>
#include <exception>
#include <iostream>
#include <string>
#include <system_error>

#include "webhook/commands/commands.hpp"
#include "webhook/terminal/exit_codes.hpp"

namespace {

int fail(const std::string& message) {
  std::cout.exceptions(std::ios::goodbit);  // std::cerr flushes it first
  std::cerr << "cvm-webhook: " << message << '\n';
  return cvm::webhook::kExitUnusable;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    // A command ends where its output can no longer be written (a full disk), wherever it is.
    std::cout.exceptions(std::ios::badbit);
    const int exit_code = cvm::webhook::run_command_line(argc, argv);
    std::cout.flush();
    return exit_code;
  } catch (const std::ios::failure&) {
    return fail(fmt::format("standard output: {}", std::generic_category().message(errno)));
  } catch (const std::exception& error) {
    return fail(error.what());
  }
}
