// Which profile of the settings decides about a pod.
//
// A pod that is to be made: the one that its label kProfileLabel asks for, where that may be chosen
// by pods; else the one that the label of its namespace asks for, where that may be chosen by
// namespaces; else the default. A CVM that is there: the one that made it, whatever its labels say.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policies/model/admission_request.hpp"
#include "policies/rule.hpp"
#include "policies/snapshot.hpp"

namespace cvm {

struct ProfileChoice {
  const Snapshot* snapshot = nullptr;  // of the profile; never null
  // What cannot be chosen, for the rule profile-choice: `snapshot` is what the pod gets without it.
  std::vector<Problem> problems;
};

// Pods that are no workspaces have no problems: they get what can be chosen. `pod` may be a
// template.
ProfileChoice choose_profile(const AdmissionRequest& request, const PodView& pod,
                             const Snapshot& snapshot);

// What decides about a CVM that was made by the profile of that name; empty: by the settings
// themselves. A profile that is gone from the settings leaves its CVMs to these.
// Never null.
const Snapshot* profile_of(std::string_view name, const Snapshot& snapshot);
const Snapshot* profile_of(const PodView& cvm, const Snapshot& snapshot);

}  // namespace cvm
