// For node rules that meet something which a node does not say.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "policies/rule.hpp"

namespace cvm {

// The problem that the settings make of it: none, a warning, or a reason to refuse.
inline std::optional<NodeProblem> not_known(std::string message, NodeSummary summary,
                                            UnknownAction action) {
  if (action == UnknownAction::kAllow) return std::nullopt;
  return NodeProblem{std::move(message), std::move(summary),
                     action == UnknownAction::kWarn ? RuleAction::kWarn : RuleAction::kDeny};
}

}  // namespace cvm
