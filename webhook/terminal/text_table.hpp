// Columns of text, as kubectl prints them.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "webhook/terminal/terminal.hpp"

namespace cvm::webhook {

// Rows of equally many cells, the first of them headings; each column as wide as its widest cell,
// three spaces between. Widths are counted in bytes. Where a row is wider than `width`, the last
// column is wrapped; where that leaves it too little room, the columns that do not fit stand below
// their row, each cell after its heading; a table of two columns stays as it is then. 0: neither,
// as what reads the lines of a table is then no person.
std::string print_table(const std::vector<std::vector<std::string>>& rows,
                        std::size_t width = terminal_width());

}  // namespace cvm::webhook
