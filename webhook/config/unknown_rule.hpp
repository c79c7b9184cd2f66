// Ids that look like a rule's, and are none.
#pragma once

#include <string>
#include <string_view>

namespace cvm::webhook {

// What decides about a finding of the engine that has no action of its own, as "node-binding": "is
// decided by the rules about nodes, each by its own id". Empty for every other id.
std::string_view find_engine_finding(std::string_view id);

// The same, or "unknown rule" and the id that may have been meant.
std::string explain_unknown_rule(const std::string& id);

}  // namespace cvm::webhook
