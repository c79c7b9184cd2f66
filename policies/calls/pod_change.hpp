// What is said of UPDATE of a pod, or of a subresource that gives one: ephemeralcontainers, resize,
// status.
//
// A change is judged by what it does, not by the settings of today: the plan's parts must be as
// they were (so a pod keeps the plan that it was given), and of what the pod rules say, only what
// they did not say before the change counts. These are of the profile that made the CVM, or would
// be chosen for the pod as it was.
#pragma once

#include "policies/model/admission_request.hpp"
#include "policies/model/finding.hpp"
#include "policies/snapshot.hpp"

namespace cvm {

struct Scratch;

bool is_pod_change(const AdmissionRequest& request);

void judge_pod_change(const AdmissionRequest& request, const Snapshot& cluster, Scratch& scratch,
                      Verdict& out);

}  // namespace cvm
