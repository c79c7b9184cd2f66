#include "policies/compatibility/node_statements.hpp"

namespace cvm {

std::optional<bool> stated(const NodeFacts& node, std::string_view name) {
  auto statement = node.labels.find(name);
  if (statement == node.labels.end()) {
    statement = node.annotations.find(name);
    if (statement == node.annotations.end()) return std::nullopt;
  }
  if (statement->second == "true") return true;
  if (statement->second == "false") return false;
  return std::nullopt;
}

}  // namespace cvm
