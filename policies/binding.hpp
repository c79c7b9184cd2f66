// What is said of a pod that is about to be bound to a node (CREATE of pods/binding): the last
// line, where a CVM came past the node selector, or a node changed since.
#pragma once

#include "policies/engine.hpp"

namespace cvm {

bool is_binding(const AdmissionRequest& request);

// Refuses the binding of a CVM to a node that cannot host it. The pod is looked up in
// snapshot.unbound_pods: a binding does not carry it. A pod that is not known there is let through,
// with an audit finding.
void judge_binding(const AdmissionRequest& request, const Snapshot& snapshot, Scratch& scratch,
                   Verdict& out);

}  // namespace cvm
