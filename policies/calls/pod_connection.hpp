// What is said of CONNECT of pods/exec, attach, portforward and proxy.
#pragma once

#include "policies/model/admission_request.hpp"
#include "policies/model/finding.hpp"
#include "policies/model/pod_lookup.hpp"
#include "policies/snapshot.hpp"

namespace cvm {

struct Scratch;

bool is_pod_connection(const AdmissionRequest& request);

// The call does not carry the pod: it is looked up (find_pod.hpp). Where it cannot be learnt what
// the pod is, the call is refused; where nobody can be asked, as without an API server, names
// decide.
void judge_pod_connection(const AdmissionRequest& request, const Snapshot& snapshot,
                          Scratch& scratch, Verdict& out, const PodLookup* lookup);

}  // namespace cvm
