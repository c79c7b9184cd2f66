#include "webhook/decode/stored_pod.hpp"

#include "webhook/decode/pod_decoder.hpp"

namespace cvm::webhook {

StoredPod::StoredPod(simdjson::dom::element pod)
    : arena_(memory_.data(), memory_.size()), view_(&arena_) {
  JsonReader reader(&arena_, JsonReader::Mistakes::kSkip);
  read_pod(reader, pod, JsonPath("pod"), view_);
  if (pod["metadata"]["uid"].get(uid_) != simdjson::SUCCESS) uid_ = {};
}

}  // namespace cvm::webhook
