// The refusal of a pod that none of its candidate nodes can host.
#pragma once

#include <string_view>

#include "policies/model/finding.hpp"
#include "policies/nodes/node_inventory.hpp"

namespace cvm {

// A headline that counts the reasons, then a finding for each reason in full, but not beyond the
// number that a terminal can show. `gpu_resource`: the GPU that the pod requests; empty: none.
void refuse_candidates(const NodeInventory& nodes, const NodeInventory::Candidates& candidates,
                       std::string_view gpu_resource, Verdict& out);

}  // namespace cvm
