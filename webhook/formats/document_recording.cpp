// The half of DocumentValue that records what readers expect.
#include <fmt/format.h>

#include "webhook/formats/document_value.hpp"

namespace cvm::webhook {
namespace {

const nlohmann::json& nothing() {
  static const nlohmann::json null;
  return null;
}

// The value of a key is absent where it is a null: readers pass over it. Of what readers note, one
// of these says which values there are.
void allow_nothing(nlohmann::ordered_json& property) {
  if (property.contains("anyOf")) {
    property["anyOf"].push_back({{"type", "null"}});
  } else if (property.contains("enum")) {
    property["enum"].push_back(nullptr);
  } else if (property.contains("type")) {
    nlohmann::ordered_json& type = property["type"];
    if (type.is_string()) type = nlohmann::ordered_json::array({type});
    type.push_back("null");
  }
}

// The reverse, of a key that must be there.
void refuse_nothing(nlohmann::ordered_json& property) {
  for (const char* key : {"anyOf", "enum", "type"}) {
    if (!property.contains(key)) continue;
    nlohmann::ordered_json& values = property[key];
    values.erase(values.size() - 1);
    if (values.size() == 1 && values[0].is_string() && key == std::string_view("type")) {
      values = nlohmann::ordered_json(values[0]);
    }
    return;
  }
}

void note_about(const About& about, nlohmann::ordered_json& property) {
  if (about.text.empty()) return;
  std::string text(about.text);
  if (!about.only_with.empty()) {
    text += fmt::format(" Has an effect with `{}` only.", about.only_with);
  }
  const std::string expected = property.value("description", "");
  if (!expected.empty()) text += "\n" + expected;
  property["description"] = std::move(text);
  if (!about.details.empty()) property["x-details"] = about.details;
  if (!about.only_with.empty()) property["x-only-with"] = about.only_with;
}

}  // namespace

DocumentValue DocumentValue::recording(nlohmann::ordered_json& schema, const YamlDocument& document,
                                       DocumentReading& result) {
  DocumentValue value(nothing(), document, result);
  value.schema_ = &schema;
  return value;
}

DocumentValue DocumentValue::recorded(nlohmann::ordered_json& schema) const {
  DocumentValue value(*this, nothing(), path_, pointer_);
  value.schema_ = &schema;
  return value;
}

DocumentValue DocumentValue::recorded_entry(nlohmann::ordered_json& schema) const {
  DocumentValue value = recorded(schema);
  value.one_of_many_ = true;
  return value;
}

void DocumentValue::record_type(std::string_view type) const { (*schema_)["type"] = type; }

void DocumentValue::record_fields(std::initializer_list<Field> fields) const {
  record_type("object");
  nlohmann::ordered_json properties = nlohmann::ordered_json::object();
  for (const Field& field : fields) {
    nlohmann::ordered_json property = nlohmann::ordered_json::object();
    field.read(recorded(property));
    note_about(field.about, property);
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
    read(std::string(key), recorded_entry(property));
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
  read(key, recorded_entry(other));
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
    refuse_nothing((*schema_)["properties"][std::string(key)]);
    return;
  }
  if (!json_.is_object()) return;
  const auto found = json_.find(key);
  if (found == json_.end() || found->is_null()) add_mistake(std::move(message));
}

void DocumentValue::describe(const nlohmann::ordered_json& schema) const {
  if (is_recording()) schema_->update(schema);
}

void DocumentValue::defaults_to(const nlohmann::ordered_json& value) const {
  if (is_recording() && !one_of_many_) (*schema_)["default"] = value;
}

void DocumentValue::read_later(const std::string& key, const Reader& read) const {
  if (is_recording()) {
    nlohmann::ordered_json& property = (*schema_)["properties"][key];
    const nlohmann::ordered_json about = std::move(property);
    property = nlohmann::ordered_json::object();
    read(recorded(property));
    property.update(about);
    allow_nothing(property);
  } else if (const auto value = find(key)) {
    read(*value);
  }
}

void DocumentValue::also_takes(const nlohmann::ordered_json& value) const {
  if (is_recording()) (*schema_)["enum"].push_back(value);
}

void DocumentValue::may_be_nothing() const {
  if (is_recording()) allow_nothing(*schema_);
}

void DocumentValue::may_be_another_word() const {
  if (!is_recording()) return;
  nlohmann::ordered_json words = std::move(*schema_);
  *schema_ = {{"anyOf", {std::move(words), {{"type", "string"}}}}};
}

}  // namespace cvm::webhook
