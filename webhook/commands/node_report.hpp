// What `nodes` prints of an inventory.
#pragma once

#include <string>

#include "policies/nodes/node_inventory.hpp"

namespace cvm::webhook {

// One line a node, in the order of the inventory; wide: more columns, and each reason in full.
std::string print_node_table(const NodeInventory& inventory, bool wide);

// An array of {"name", "cvm", "gpu", facts, "reasons": [{"rule", "action", "message",
// "gpuPodsOnly"}]}.
std::string print_nodes_as_json(const NodeInventory& inventory);

}  // namespace cvm::webhook
