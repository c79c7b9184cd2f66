#include "webhook/decode/known_pod_reader.hpp"

#include "webhook/decode/stored_pod.hpp"

namespace cvm::webhook {

KnownPod read_known_pod(simdjson::dom::element pod) {
  const StoredPod stored(pod);
  return known_pod(stored.view(), stored.uid());
}

KeyedPod read_keyed_pod(simdjson::dom::element pod) {
  const StoredPod stored(pod);
  return {.ns = stored.view().namespace_,
          .name = stored.view().name,
          .is_bound = !stored.view().node_name.empty(),
          .known = known_pod(stored.view(), stored.uid())};
}

}  // namespace cvm::webhook
