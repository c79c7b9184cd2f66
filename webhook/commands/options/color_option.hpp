// The option --color of commands that paint what they print.
#pragma once

#include <CLI/App.hpp>

#include "webhook/terminal/terminal.hpp"

namespace cvm::webhook {

void add_color_option(CLI::App& command, ColorChoice& color);

}  // namespace cvm::webhook
