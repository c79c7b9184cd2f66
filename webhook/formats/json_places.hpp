// Where the values of a JSON text stand, by JSON pointer.
#pragma once

#include <string>
#include <string_view>

#include "policies/model/result.hpp"
#include "webhook/formats/yaml_json.hpp"

namespace cvm::webhook {

// `text` must be valid JSON. Fills positions and key_positions of `document`; duplicate keys and
// nesting deeper than `max_depth` are errors ("line L, column C: ...").
Result<void> locate_json_values(std::string_view text, int max_depth, YamlDocument& document);

// "spec.containers[0].name", metadata.labels["a/b"] -> JSON pointer.
std::string field_to_pointer(std::string_view field);

}  // namespace cvm::webhook
