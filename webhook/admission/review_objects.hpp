// ReviewObjects: `object` and `oldObject` of a review, by its kind, into an AdmissionRequest.
#pragma once

#include <optional>

#include "policies/model/admission_request.hpp"
#include "webhook/decode/json_reader.hpp"

namespace cvm::webhook {

// Holds what the request points to.
class ReviewObjects {
 public:
  explicit ReviewObjects(Arena* arena) : arena_(arena) {}

  // Fills in what `out` says of its objects; `out` has kind and operation. Kinds that nothing is
  // decided about are passed over. False after a failure, which `reader` then holds.
  bool read(JsonReader& reader, const JsonPath& path, const std::optional<JsonValue>& object,
            const std::optional<JsonValue>& old_object, AdmissionRequest& out);

 private:
  template <typename Read>
  bool read_pods(const JsonPath& path, const std::optional<JsonValue>& object,
                 const std::optional<JsonValue>& old_object, const PodView*& pod,
                 const PodView*& old_pod, Read read);
  bool read_namespaces(JsonReader& reader, const JsonPath& path,
                       const std::optional<JsonValue>& object,
                       const std::optional<JsonValue>& old_object, AdmissionRequest& out);

  Arena* arena_;
  std::optional<PodView> pod_, old_pod_;
  std::optional<KeyValues> labels_, old_labels_, annotations_;
};

}  // namespace cvm::webhook
