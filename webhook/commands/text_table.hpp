// Columns of text, as kubectl prints them.
#pragma once

#include <string>
#include <vector>

namespace cvm::webhook {

// Rows of equally many cells; each column as wide as its widest cell, three spaces between. Widths
// are counted in bytes.
std::string print_table(const std::vector<std::vector<std::string>>& rows);

}  // namespace cvm::webhook
