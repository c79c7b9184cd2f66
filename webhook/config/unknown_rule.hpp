// Ids that are no rule's.
#pragma once

#include <string>

namespace cvm::webhook {

// "unknown rule" and the id that may have been meant.
std::string explain_unknown_rule(const std::string& id);

}  // namespace cvm::webhook
