// Which pod a call is about that does not carry it: CONNECT, and CREATE of pods/binding.
#pragma once

#include <string>

#include "policies/model/admission_request.hpp"
#include "policies/model/pod_lookup.hpp"
#include "policies/snapshot.hpp"

namespace cvm {

struct FoundPod {
  enum class Outcome {
    kKnown,       // `pod` is set
    kAbsent,      // there is none of that name; the API server will say so
    kUnknown,     // nobody can be asked
    kAwaited,     // the API server is to be asked, and the call decided again
    kUnanswered,  // it was asked and gave no answer; `failure` says why
  };
  Outcome outcome = Outcome::kUnknown;
  const KnownPod* pod = nullptr;
  std::string failure;
};

// `lookup`: what the API server answered for this call; null: it was not asked yet.
FoundPod find_pod(const AdmissionRequest& request, const Snapshot& snapshot,
                  const PodLookup* lookup);

}  // namespace cvm
