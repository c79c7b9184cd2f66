// PodLookup: what the API server answered when it was asked for the pod that a call is about.
#pragma once

#include <string>

#include "policies/model/known_pods.hpp"

namespace cvm {

struct PodLookup {
  enum class Outcome { kFound, kAbsent, kFailed };
  Outcome outcome = Outcome::kFailed;
  KnownPod pod;         // kFound
  std::string failure;  // kFailed: one line
};

}  // namespace cvm
