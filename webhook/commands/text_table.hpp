// Columns of text, as kubectl prints them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "webhook/commands/terminal.hpp"

namespace cvm::webhook {

// Rows of equally many cells; each column as wide as its widest cell, three spaces between. Widths
// are counted in bytes. The last column is wrapped to fit into `width`, where it has room enough;
// 0: it is not, as what reads the lines of a table is then no person.
std::string print_table(const std::vector<std::vector<std::string>>& rows,
                        std::size_t width = terminal_width());

}  // namespace cvm::webhook
