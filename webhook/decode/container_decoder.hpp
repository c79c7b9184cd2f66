// A pod's list of containers -> Containers.
#pragma once

#include <memory_resource>
#include <vector>

#include "policies/model/pod_view.hpp"
#include "webhook/decode/json_reader.hpp"

namespace cvm::webhook {

// False after a failure, which `reader` then holds.
bool read_containers(JsonReader& reader, JsonValue value, const JsonPath& path, ContainerKind kind,
                     std::pmr::vector<Container>& out);

}  // namespace cvm::webhook
