// A Pod object of a parsed document -> PodView.
#pragma once

#include "policies/model/pod_view.hpp"
#include "webhook/decode/json_reader.hpp"

namespace cvm::webhook {

// False when the reading stopped at a failure, which `reader` then holds.
bool read_pod(JsonReader& reader, JsonValue value, const JsonPath& path, PodView& out);

// The same for a PodTemplateSpec, which need not have metadata.
bool read_pod_template(JsonReader& reader, JsonValue value, const JsonPath& path, PodView& out);

}  // namespace cvm::webhook
