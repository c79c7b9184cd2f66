// What is said of a Deployment, Job or another that pods are made by: what would be said of a pod
// made by its template, so that `kubectl apply` tells it, and not a pod that never appears.
#pragma once

#include "policies/model/admission_request.hpp"
#include "policies/model/finding.hpp"
#include "policies/snapshot.hpp"

namespace cvm {

struct Scratch;

// request.pod_template is not null. settings.isolation.templates takes the place of `deny`. Of an
// UPDATE, only what the old template did not have counts.
void judge_pod_template(const AdmissionRequest& request, const Snapshot& snapshot, Scratch& scratch,
                        Verdict& out);

}  // namespace cvm
