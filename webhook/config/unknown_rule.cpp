#include "webhook/config/unknown_rule.hpp"

#include <utility>
#include <vector>

#include "policies/model/closest_name.hpp"
#include "policies/rules/registry.hpp"

namespace cvm::webhook {
namespace {

constexpr std::pair<std::string_view, std::string_view> kEngineFindings[] = {
    {"no-compatible-node", "is decided by the rules about nodes, each by its own id"},
    {"node-binding", "is decided by the rules about nodes, each by its own id"},
    {"nodes-stale", "is set by the key nodes.staleAction"},
    {"pod-unknown", "cannot be set: nobody could tell a supervisor from another container"},
    {"unmarked-nodes", "cannot be set; with nodes.mark: true there is no such warning"},
    {"runtime-class-handler", "cannot be set: the CVM could not start"},
    {"runtime-class-missing", "cannot be set: the API server refuses the pod itself"},
    {"runtime-class-nodes", "cannot be set: the pod would never start"},
};

}  // namespace

std::string_view find_engine_finding(std::string_view id) {
  for (const auto& [finding, reason] : kEngineFindings) {
    if (id == finding) return reason;
  }
  return {};
}

std::string explain_unknown_rule(const std::string& id) {
  if (const std::string_view reason = find_engine_finding(id); !reason.empty()) {
    return std::string(reason);
  }
  std::vector<std::string_view> ids;
  for (const RuleDescriptor& rule : all_rules()) ids.push_back(rule.id);
  return "unknown rule" + did_you_mean(id, ids);
}

}  // namespace cvm::webhook
