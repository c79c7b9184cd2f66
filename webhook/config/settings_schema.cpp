#include "webhook/config/settings_schema.hpp"

#include <string>
#include <string_view>
#include <vector>

#include "webhook/config/settings_file.hpp"
#include "webhook/config/settings_keys.hpp"
#include "webhook/config/settings_profiles.hpp"
#include "webhook/formats/document_value.hpp"
#include "webhook/formats/yaml_json.hpp"

namespace cvm::webhook {
namespace {

using OrderedJson = nlohmann::ordered_json;

std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

// The property of `schema` at the keys `path`; null where there is none.
OrderedJson* find_property(OrderedJson& schema, const std::vector<std::string>& path) {
  OrderedJson* at = &schema;
  for (const std::string& key : path) {
    if (!at->contains("properties") || !(*at)["properties"].contains(key)) return nullptr;
    at = &(*at)["properties"][key];
  }
  return at;
}

void put_description(OrderedJson& property, const std::string& text) {
  std::string before = property.value("description", "");
  property["description"] = before.empty() ? text : text + "\n" + before;
}

// The comment above a key is about that key.
void add_comments(std::string_view file, OrderedJson& schema) {
  constexpr std::size_t kStep = 2;  // spaces for each level
  std::vector<std::string> path;
  std::string comment;
  while (!file.empty()) {
    std::string_view line = take_line(file);
    const std::size_t indent = std::min(line.find_first_not_of(' '), line.size());
    line.remove_prefix(indent);
    if (line.starts_with("# ")) {
      comment.append(comment.empty() ? "" : " ").append(line.substr(2));
      continue;
    }
    path.resize(std::min(path.size(), indent / kStep));
    path.emplace_back(line.substr(0, line.find(':')));
    OrderedJson* property = comment.empty() ? nullptr : find_property(schema, path);
    if (property != nullptr) put_description(*property, comment);
    comment.clear();
  }
}

void add_defaults(const nlohmann::json& defaults, OrderedJson& schema) {
  for (const auto& [key, value] : defaults.items()) {
    OrderedJson* property = find_property(schema, {key});
    if (property == nullptr || property->contains("const")) continue;
    if (value.is_object() && !value.empty()) {
      add_defaults(value, *property);
    } else {
      (*property)["default"] = value;
    }
  }
}

// What a profile's key takes is what the file's takes, and said once.
void refer_to_file(const OrderedJson& of_file, const std::string& place, OrderedJson& of_profile) {
  for (auto& [key, property] : of_profile["properties"].items()) {
    const OrderedJson& same = of_file["properties"][key];
    std::string there = place + "/properties/";
    there += key;
    if (property == same) {
      property = {{"$ref", there}};
    } else if (property.contains("properties")) {
      refer_to_file(same, there, property);
    }
  }
}

}  // namespace

OrderedJson settings_schema() {
  OrderedJson schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                        {"title", "Settings of cvm-webhook"}};
  YamlDocument document;
  SettingsResult result;
  const DocumentValue root = DocumentValue::recording(schema, document, result);
  read_settings_keys(root, result.settings);
  schema["type"] = "object";
  schema["required"] = {"apiVersion", "kind"};
  read_profiles(root, document, result);
  OrderedJson& layer = schema["properties"]["profiles"]["items"]["properties"]["settings"];
  refer_to_file(OrderedJson(schema), "#", layer);
  add_comments(default_settings_file(), schema);
  const auto defaults = parse_yaml(std::string(default_settings_file()));
  add_defaults(nlohmann::json::parse(defaults->front().json), schema);
  return schema;
}

}  // namespace cvm::webhook
