#include "policies/calls/find_pod.hpp"

#include "policies/model/pod_view.hpp"

namespace cvm {

namespace {

// A pod of that name that came after the one that the call means is another pod.
bool is_meant(const AdmissionRequest& request, const KnownPod& pod) {
  return request.binding_uid.empty() || pod.uid == request.binding_uid;
}

// What is known of a pod that is no CVM may be about one that had its name before.
bool is_certain(const AdmissionRequest& request, const KnownPod& pod) {
  return pod.is_cvm || request.operation != Operation::kConnect;
}

}  // namespace

FoundPod find_pod(const AdmissionRequest& request, const Snapshot& snapshot,
                  const PodLookup* lookup) {
  if (lookup != nullptr) {
    switch (lookup->outcome) {
      case PodLookup::Outcome::kFound:
        return {FoundPod::Outcome::kKnown, &lookup->pod, {}};
      case PodLookup::Outcome::kAbsent:
        return {FoundPod::Outcome::kAbsent, nullptr, {}};
      case PodLookup::Outcome::kFailed:
        break;
    }
    return {FoundPod::Outcome::kUnanswered, nullptr, lookup->failure};
  }
  const KnownPod* pod =
      snapshot.known_pods ? snapshot.known_pods->find(request.namespace_, request.name) : nullptr;
  const bool is_known = pod != nullptr && is_meant(request, *pod);
  if (is_known && (!snapshot.looks_up_pods || is_certain(request, *pod))) {
    return {FoundPod::Outcome::kKnown, pod, {}};
  }
  return {snapshot.looks_up_pods ? FoundPod::Outcome::kAwaited : FoundPod::Outcome::kUnknown,
          nullptr,
          {}};
}

}  // namespace cvm
