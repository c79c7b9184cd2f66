// mutate and validate: from a request to a Verdict. Pure; safe to call from many threads.
#pragma once

#include "policies/model/admission_request.hpp"
#include "policies/model/finding.hpp"
#include "policies/model/pod_lookup.hpp"
#include "policies/snapshot.hpp"

namespace cvm {

struct Scratch;

// CREATE of a Pod: findings, and the patch that makes it a CVM. Anything else: allowed, no patch.
// `out` is cleared first. A refused pod gets no patch. A pod that is already the whole CVM of
// snapshot.previous, as in the second call of one admission, is left as it is.
void mutate(const AdmissionRequest& request, const Snapshot& snapshot, Scratch& scratch,
            Verdict& out);

// A pod's whole life:
//   CREATE of a Pod in its final state: the same findings, what the Pod Security level says of the
//     user's part, and the plan must be there untouched. What snapshot.previous admits as it is, is
//     allowed too: the pod was mutated a moment ago, and its developer can do nothing about a
//     change of the settings since.
//   UPDATE of a Pod or of a subresource that gives one (pod_change.hpp)
//   CREATE of pods/binding: refused where the node cannot host the pod (binding.hpp)
//   CONNECT of pods/exec and the like (pod_connection.hpp)
//   CREATE and UPDATE of what pods are made by (pod_template.hpp)
//   UPDATE of a Namespace (namespace_change.hpp)
// Anything else: allowed. When out.awaits_pod, the caller asks the API server for the pod
// request.namespace_/request.name and calls again with its answer as `lookup`.
void validate(const AdmissionRequest& request, const Snapshot& snapshot, Scratch& scratch,
              Verdict& out, const PodLookup* lookup = nullptr);

}  // namespace cvm
