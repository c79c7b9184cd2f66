// A list of the nodes, for commands that need them once.
#pragma once

#include <vector>

#include "policies/model/node_facts.hpp"
#include "policies/model/result.hpp"
#include "webhook/kubernetes/access/cluster_access.hpp"

namespace cvm::webhook {

// Blocks until the list is there or has failed. A node that cannot be read is an error here.
Result<std::vector<NodeFacts>> list_nodes(const ClusterAccess& access);

}  // namespace cvm::webhook
