#include "webhook/config/settings_schema.hpp"

#include <fmt/format.h>

#include <string>

#include "webhook/config/settings_file.hpp"
#include "webhook/config/settings_keys.hpp"
#include "webhook/config/settings_profiles.hpp"
#include "webhook/formats/document_value.hpp"
#include "webhook/formats/yaml_json.hpp"

namespace cvm::webhook {
namespace {

// What a profile's key takes is what the file's takes, and said once.
void refer_to_file(const nlohmann::ordered_json& of_file, const std::string& place,
                   nlohmann::ordered_json& of_profile) {
  for (auto& [key, property] : of_profile["properties"].items()) {
    const nlohmann::ordered_json& same = of_file["properties"][key];
    std::string there = fmt::format("{}/properties/", place);
    there += key;
    if (property == same) {
      property = {{"$ref", there}};
    } else if (property.contains("properties")) {
      refer_to_file(same, there, property);
    }
  }
}

}  // namespace

nlohmann::ordered_json settings_schema() {
  nlohmann::ordered_json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                                   {"title", "Settings of cvm-webhook"}};
  YamlDocument document;
  SettingsResult result;
  const DocumentValue root = DocumentValue::recording(schema, document, result);
  read_settings_keys(root, result.settings);
  schema["required"] = {"apiVersion", "kind"};
  read_profiles(root, document, result);
  nlohmann::ordered_json& layer =
      schema["properties"]["profiles"]["items"]["properties"]["settings"];
  refer_to_file(nlohmann::ordered_json(schema), "#", layer);
  return schema;
}

}  // namespace cvm::webhook
