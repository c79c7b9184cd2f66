// JSON -> YAML as kubectl prints it: block style, keys in their order.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace cvm::webhook {

// Ends with a line feed. parse_yaml() reads the same value back.
std::string write_yaml(const nlohmann::ordered_json& value);

}  // namespace cvm::webhook
