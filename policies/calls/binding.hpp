// What is said of a pod that is about to be bound to a node (CREATE of pods/binding): the last
// line, where a CVM came past the node selector, or a node changed since.
#pragma once

#include "policies/model/admission_request.hpp"
#include "policies/model/finding.hpp"
#include "policies/model/pod_lookup.hpp"
#include "policies/snapshot.hpp"

namespace cvm {

struct Scratch;

bool is_binding(const AdmissionRequest& request);

// Refuses the binding of a CVM to a node that cannot host it, of any pod whose claim became a
// directory of the node that supervisors work with, and a binding that would change what a pod is.
// A binding does not carry its pod, which is looked up (find_pod.hpp). Where the API server does
// not answer, the binding is refused: schedulers try again. Where nobody can be asked, it is let
// through with an audit finding.
void judge_binding(const AdmissionRequest& request, const Snapshot& snapshot, Scratch& scratch,
                   Verdict& out, const PodLookup* lookup);

}  // namespace cvm
