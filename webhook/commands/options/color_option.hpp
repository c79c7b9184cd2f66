// The option --color of commands that paint what they print.
#pragma once

#include "webhook/commands/command_line/command.hpp"
#include "webhook/terminal/terminal.hpp"

namespace cvm::webhook {

void add_color_option(const Command& command, ColorChoice& color);

}  // namespace cvm::webhook
