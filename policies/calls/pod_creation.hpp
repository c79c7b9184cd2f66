// What is said of a pod that is created, or would be created by a template.
#pragma once

#include <optional>

#include "policies/calls/rule_runner.hpp"
#include "policies/model/admission_request.hpp"
#include "policies/model/finding.hpp"

namespace cvm {

struct Scratch;

// Fills in `out`, which is clear, but for the patch. Returns what the plan is rendered from when
// the pod is to be, or is, a CVM and nothing refused it.
std::optional<PodContext> judge_creation(const AdmissionRequest& request, const PodView& pod,
                                         const Snapshot& snapshot, Stage stage, Scratch& scratch,
                                         Verdict& out);

struct JudgedCreation {
  const Snapshot* snapshot = nullptr;  // of the profile; never null
  std::optional<PodContext> context;   // as of judge_creation()
};

// judge_creation() by the profile that is chosen. Where none can be, the pod is refused for that
// alone, unless the settings have it otherwise.
JudgedCreation judge_chosen_creation(const AdmissionRequest& request, const PodView& pod,
                                     const Snapshot& snapshot, Stage stage, Scratch& scratch,
                                     Verdict& out);

// How to keep the pod off the candidates that cannot host it: by an affinity, where no mark does.
// scratch.candidates are as judge_creation() left them.
Separation separate_nodes(const PodContext& context, const Snapshot& snapshot, Scratch& scratch,
                          Verdict& out);

}  // namespace cvm
