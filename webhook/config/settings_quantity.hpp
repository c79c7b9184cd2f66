// Quantities in the settings: "100m", 2, 1Gi.
#pragma once

#include "webhook/formats/document_value.hpp"

namespace cvm::webhook {

// For the schema: what parse_quantity() takes, but for what is below 0. `cpu: 1` is a number in
// YAML.
inline void describe_quantity(const DocumentValue& value) {
  value.describe(
      {{"type", {"string", "number"}},
       {"minimum", 0},
       {"pattern",
        "^\\+?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|"
        "Ei)?$"},
       {"description", "Expected: a quantity such as 100m, 2 or 1Gi"}});
}

}  // namespace cvm::webhook
