// A unified diff of two texts, by lines.
#pragma once

#include <string>
#include <string_view>

namespace cvm::webhook {

// Hunks with three lines of context; empty when the texts are equal. Without the two lines that
// name files.
std::string unified_diff(std::string_view before, std::string_view after);

}  // namespace cvm::webhook
