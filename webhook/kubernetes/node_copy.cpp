#include "webhook/kubernetes/node_copy.hpp"

#include <utility>

namespace cvm::webhook {

bool NodeCopy::replace(std::vector<NodeFacts> nodes) {
  std::map<std::string, NodeFacts, std::less<>> fresh;
  for (NodeFacts& node : nodes) {
    std::string name = node.name;
    fresh.insert_or_assign(std::move(name), std::move(node));
  }
  if (fresh == nodes_) return false;
  nodes_ = std::move(fresh);
  return true;
}

bool NodeCopy::put(NodeFacts node) {
  const auto found = nodes_.find(node.name);
  if (found != nodes_.end() && found->second == node) return false;
  std::string name = node.name;
  nodes_.insert_or_assign(std::move(name), std::move(node));
  return true;
}

bool NodeCopy::erase(const std::string& name) { return nodes_.erase(name) > 0; }

std::vector<NodeFacts> NodeCopy::all() const {
  std::vector<NodeFacts> nodes;
  nodes.reserve(nodes_.size());
  for (const auto& [name, node] : nodes_) nodes.push_back(node);
  return nodes;
}

}  // namespace cvm::webhook
