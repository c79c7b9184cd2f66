// What is said of UPDATE of a namespace: with its label gone, nobody would look after its CVMs.
#pragma once

#include "policies/model/admission_request.hpp"
#include "policies/model/finding.hpp"
#include "policies/snapshot.hpp"

namespace cvm {

class TracePen;

bool is_namespace_change(const AdmissionRequest& request);

// Rule namespace-label: refuses to take the label cvm-webhook.io/workspaces=enabled away while the
// namespace holds CVMs, or where it is not known whether it does.
void judge_namespace_change(const AdmissionRequest& request, const Snapshot& snapshot,
                            TracePen trace, Verdict& out);

}  // namespace cvm
