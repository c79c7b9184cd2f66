#include "webhook/config/unknown_rule.hpp"

#include <fmt/format.h>

#include <vector>

#include "policies/model/closest_name.hpp"
#include "policies/rules/registry.hpp"

namespace cvm::webhook {

std::string explain_unknown_rule(const std::string& id) {
  std::vector<std::string_view> ids;
  for (const RuleDescriptor* rule : all_rules()) ids.push_back(rule->id);
  return fmt::format("unknown rule{}", did_you_mean(id, ids));
}

}  // namespace cvm::webhook
