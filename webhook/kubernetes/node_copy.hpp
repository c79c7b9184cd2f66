// NodeCopy: the nodes as list and watch told them, by name.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "policies/model/node_facts.hpp"

namespace cvm::webhook {

class NodeCopy {
 public:
  // Each returns whether the facts of any node changed.
  bool replace(std::vector<NodeFacts> nodes);
  bool put(NodeFacts node);
  bool erase(const std::string& name);

  // In the order of their names.
  std::vector<NodeFacts> all() const;

 private:
  std::map<std::string, NodeFacts, std::less<>> nodes_;
};

}  // namespace cvm::webhook
