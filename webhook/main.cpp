// Parses the command line and runs the command; turns what escapes it into exit code 2.
#include <exception>
#include <iostream>

#include "webhook/commands/commands.hpp"

int main(int argc, char** argv) {
  try {
    return cvm::webhook::run_command_line(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "cvm-webhook: " << error.what() << '\n';
    return 2;
  }
}
