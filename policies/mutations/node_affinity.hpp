// The required node affinity that keeps a CVM on nodes that can host it, where no label of ours
// does (nodes.mark: false).
#pragma once

#include "policies/model/pod_view.hpp"
#include "policies/nodes/separation.hpp"

namespace cvm {

class PatchWriter;

// Terms of the pod's own are alternatives, so each that selects anything gets the requirement.
void append_node_affinity(const PodView& pod, const Separation& apart, PatchWriter& patch);

}  // namespace cvm
