// Settings as they are where a file says nothing.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace cvm::webhook {

// Every key with its default, in the order of the declarations.
nlohmann::ordered_json default_settings();

// The same as a settings file, with a comment on each key.
std::string default_settings_file();

// A value as YAML on one line: "{cpu: 100m, memory: 128Mi}".
std::string write_on_one_line(const nlohmann::ordered_json& value);

}  // namespace cvm::webhook
