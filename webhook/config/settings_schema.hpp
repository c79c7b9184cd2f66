// The JSON Schema of settings files, for editors and whatever else checks YAML.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace cvm::webhook {

// JSON Schema 2020-12: what the readers of the settings expect, with the defaults and the comments
// of the default file. A file that the loader takes is valid by it; of one that is valid, the
// loader may still say that keys contradict each other.
nlohmann::ordered_json settings_schema();

}  // namespace cvm::webhook
