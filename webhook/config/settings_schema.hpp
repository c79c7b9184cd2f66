// The JSON Schema of settings files, for editors and whatever else checks YAML; the default file
// and the documentation are rendered from it.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace cvm::webhook {

// JSON Schema 2020-12: what the readers of the settings declare, with the defaults. A file that the
// loader takes is valid by it; of one that is valid, the loader may still say that keys contradict
// each other. "x-only-with" is the setting without which a key has no effect, "x-details" what
// documents say beside the description.
nlohmann::ordered_json settings_schema();

}  // namespace cvm::webhook
