// docs/rules.md, as `rules list -o markdown` prints it.
#pragma once

#include <string>

namespace cvm::webhook {

// A table of every rule, then what `rules explain` tells of each.
std::string rules_as_markdown();

}  // namespace cvm::webhook
