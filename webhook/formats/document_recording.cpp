// The half of DocumentValue that records what readers expect.
#include "webhook/formats/document_value.hpp"

namespace cvm::webhook {
namespace {

const nlohmann::json& nothing() {
  static const nlohmann::json null;
  return null;
}

// The value of a key is absent where it is a null: a map or list of which all is commented out. A
// scalar without text is one that somebody is about to write.
void allow_nothing(nlohmann::ordered_json& property) {
  const auto type = property.find("type");
  if (type != property.end() && (*type == "object" || *type == "array")) *type = {*type, "null"};
}

}  // namespace

DocumentValue DocumentValue::recording(nlohmann::ordered_json& schema, const YamlDocument& document,
                                       SettingsResult& result) {
  DocumentValue value(nothing(), document, result);
  value.schema_ = &schema;
  return value;
}

DocumentValue DocumentValue::recorded(nlohmann::ordered_json& schema) const {
  DocumentValue value(*this, nothing(), path_, pointer_);
  value.schema_ = &schema;
  return value;
}

void DocumentValue::record_type(std::string_view type) const { (*schema_)["type"] = type; }

void DocumentValue::record_fields(std::initializer_list<Field> fields) const {
  record_type("object");
  nlohmann::ordered_json properties = nlohmann::ordered_json::object();
  for (const Field& field : fields) {
    nlohmann::ordered_json property = nlohmann::ordered_json::object();
    field.read(recorded(property));
    allow_nothing(property);
    properties[std::string(field.name)] = std::move(property);
  }
  (*schema_)["properties"] = std::move(properties);
  (*schema_)["additionalProperties"] = false;
}

void DocumentValue::record_entries(const EntryReader& read, const EntryKeys& keys) const {
  record_type("object");
  nlohmann::ordered_json properties = nlohmann::ordered_json::object();
  for (const std::string_view key : keys.known) {
    nlohmann::ordered_json property = nlohmann::ordered_json::object();
    read(std::string(key), recorded(property));
    properties[std::string(key)] = std::move(property);
  }
  if (!properties.empty()) (*schema_)["properties"] = std::move(properties);
  if (!keys.others) {
    (*schema_)["additionalProperties"] = false;
    return;
  }
  // Any name that is a key: readers pass over those that are none.
  const std::string key = keys.known.empty() ? "example" : std::string(keys.known.front());
  nlohmann::ordered_json other = nlohmann::ordered_json::object();
  read(key, recorded(other));
  (*schema_)["additionalProperties"] = std::move(other);
}

void DocumentValue::read_map_or_else(const Reader& map, const Reader& other) const {
  if (!is_recording()) return json_.is_object() ? map(*this) : other(*this);
  nlohmann::ordered_json of_map, of_other;
  map(recorded(of_map));
  other(recorded(of_other));
  (*schema_)["anyOf"] = {std::move(of_other), std::move(of_map)};
}

void DocumentValue::require(std::string_view key, std::string message) const {
  if (is_recording()) {
    (*schema_)["required"].push_back(key);
    return;
  }
  if (!json_.is_object()) return;
  const auto found = json_.find(key);
  if (found == json_.end() || found->is_null()) add_mistake(std::move(message));
}

void DocumentValue::describe(const nlohmann::ordered_json& schema) const {
  if (is_recording()) schema_->update(schema);
}

void DocumentValue::also_takes(const nlohmann::ordered_json& value) const {
  if (is_recording()) (*schema_)["enum"].push_back(value);
}

void DocumentValue::may_be_another_word() const {
  if (!is_recording()) return;
  nlohmann::ordered_json words = std::move(*schema_);
  *schema_ = {{"anyOf", {std::move(words), {{"type", "string"}}}}};
}

}  // namespace cvm::webhook
