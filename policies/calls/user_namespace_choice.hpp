// Mode native: which user namespace a pod gets, by the nodes that it may land on.
#pragma once

#include "policies/calls/rule_runner.hpp"
#include "policies/model/finding.hpp"

namespace cvm {

// Sets context.user_namespace: what the pod has where a node needs that, else what most nodes need,
// else spec.hostUsers. Says what of the pod's own would fail there. scratch.candidates are as
// NodeInventory::find_candidates() left them; without any, nothing is known of nodes.
void choose_user_namespace(const Snapshot& snapshot, PodContext& context, Scratch& scratch,
                           Verdict& out);

// How to keep the pod on nodes that need what was chosen; refuses it where they cannot be told from
// the others. Kind kNotNeeded: all need the same, and nothing was said or changed.
Separation separate_user_namespaces(const PodContext& context, const Snapshot& snapshot,
                                    Scratch& scratch, Verdict& out);

}  // namespace cvm
