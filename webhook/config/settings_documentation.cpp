#include "webhook/config/settings_documentation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "policies/rules/registry.hpp"
#include "webhook/config/default_settings.hpp"
#include "webhook/config/settings_schema.hpp"

namespace cvm::webhook {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::string_view kHead = R"(# Settings

`cvm-webhook config docs > docs/settings.md` writes this page from what the program reads.
A settings file is YAML with `apiVersion: cvm-webhook.io/v1alpha1` and `kind: CvmSettings`. Every
other key may be left out or have no value; its default holds then. `config defaults` prints a file of
all defaults, `config check` tells every mistake in a file, and editors complete keys by `config
schema` ([how](../README.md#settings)). README.md tells more of [profiles](../README.md#profiles) and
of [mode native](../README.md#mode-native), [modes.md](modes.md) which placement to choose, and
[manifests](../manifests/README.md#when-the-webhook-is-down) what the admission policies must be told.

A key after `[]` is one of each item of a list.
)";

constexpr std::string_view kTableHead =
    "\n| key | value | default | meaning |\n| --- | --- | --- | --- |\n";

// What stands elsewhere: in README's table of rules, or in the rest of the page.
bool is_told_elsewhere(std::string_view path) {
  return path == "rules" || path == "profiles[].settings";
}

std::string in_code(std::string_view text) { return fmt::format("`{}`", text); }

std::string list_values(const OrderedJson& words) {
  std::string list;
  for (const OrderedJson& word : words) {
    if (word.is_null() || word.is_boolean()) continue;  // `off` is a boolean in YAML
    if (!list.empty()) list += ", ";
    const auto& text = word.get_ref<const std::string&>();
    list += in_code(text.empty() ? "\"\"" : text);
  }
  return list;
}

bool is_of_type(const OrderedJson& property, std::string_view type) {
  if (!property.contains("type")) return false;
  const OrderedJson& types = property["type"];
  return types.is_array() ? std::find(types.begin(), types.end(), type) != types.end()
                          : types == type;
}

// "Expected: a duration such as 5m": what a reader says that is stricter than a type.
std::string_view expected_of(const OrderedJson& property) {
  constexpr std::string_view kExpected = "Expected: ";
  if (!property.contains("description")) return {};
  std::string_view text = property["description"].get_ref<const std::string&>();
  const std::size_t begin = text.find(kExpected);
  return begin == std::string_view::npos ? "" : text.substr(begin + kExpected.size());
}

std::string describe_value(const OrderedJson& property) {
  if (property.contains("const")) return in_code(property["const"].get_ref<const std::string&>());
  if (property.contains("anyOf")) {
    std::string choices;
    for (const OrderedJson& choice : property["anyOf"]) {
      if (choice == OrderedJson{{"type", "null"}}) continue;
      if (!choices.empty()) choices += ", or ";
      choices += describe_value(choice);
    }
    return choices;
  }
  if (property.contains("enum")) return list_values(property["enum"]);
  if (const std::string_view expected = expected_of(property); !expected.empty()) {
    return std::string(expected);
  }
  if (is_of_type(property, "array")) {
    const std::string most = property.contains("maxItems")
                                 ? fmt::format("at most {} of", property["maxItems"].dump())
                                 : "a list of";
    return fmt::format("{}: {}", most, describe_value(property["items"]));
  }
  if (is_of_type(property, "boolean")) return "`true`, `false`";
  return is_of_type(property, "object") ? "a map" : "a string";
}

// The rules that say that this setting, or one that it is part of, has a say.
std::string rules_of(std::string_view path) {
  std::string list;
  for (const RuleDescriptor* rule : all_rules()) {
    for (const std::string_view setting : rule->explanation.settings) {
      if (setting != path) continue;
      if (!list.empty()) list += ", ";
      list += in_code(rule->id);
    }
  }
  return list;
}

std::string describe_meaning(const OrderedJson& property, std::string_view path) {
  std::string text;
  if (property.contains("description")) {
    const auto& description = property["description"].get_ref<const std::string&>();
    if (!description.starts_with("Expected: "))
      text = description.substr(0, description.find('\n'));
  }
  if (property.contains("x-details")) {
    text += " " + property["x-details"].get_ref<const std::string&>();
  }
  if (const std::string rules = rules_of(path); !rules.empty())
    text += fmt::format(" Rules: {}.", rules);
  return text;
}

std::string in_cell(std::string text) {
  for (std::size_t at = text.find_first_of("|<"); at != std::string::npos;
       at = text.find_first_of("|<", at + 2)) {
    text.insert(at, "\\");
  }
  return text;
}

std::string describe_default(const OrderedJson& property, bool is_required) {
  if (is_required) return "must be given";
  return property.contains("default") ? in_code(write_on_one_line(property["default"])) : "";
}

bool is_required(const OrderedJson& map, const std::string& key) {
  const OrderedJson required = map.value("required", OrderedJson::array());
  return std::find(required.begin(), required.end(), key) != required.end();
}

void write_rows(const OrderedJson& map, const std::string& path, std::string& out);

// The keys below one: of a map that is named key by key, or of the items of a list.
void write_rows_below(const OrderedJson& property, const std::string& path, std::string& out) {
  if (is_told_elsewhere(path)) return;
  if (property.contains("items")) return write_rows_below(property["items"], path + "[]", out);
  if (property.contains("anyOf")) {
    for (const OrderedJson& choice : property["anyOf"]) write_rows_below(choice, path, out);
  }
  // Where any other key is taken as well, those that are known are but the likeliest.
  const bool is_open =
      property.contains("additionalProperties") && property["additionalProperties"].is_object();
  if (property.contains("properties") && !is_open) write_rows(property, path + ".", out);
}

void write_rows(const OrderedJson& map, const std::string& path, std::string& out) {
  for (const auto& [key, property] : map["properties"].items()) {
    if (property.contains("$ref")) continue;
    const std::string name = path + key;
    out += fmt::format("| {} | {} | {} | {} |\n", in_code(name), in_cell(describe_value(property)),
                       describe_default(property, is_required(map, key)),
                       in_cell(describe_meaning(property, name)));
    write_rows_below(property, name, out);
  }
}

// A key that only holds others has a section for itself.
bool is_section(const OrderedJson& property) {
  return property.contains("properties") && !property.contains("default");
}

}  // namespace

std::string settings_documentation() {
  const OrderedJson schema = settings_schema();
  OrderedJson top = schema;
  std::string sections;
  for (const auto& [key, property] : schema["properties"].items()) {
    if (!is_section(property)) continue;
    top["properties"].erase(key);
    sections += fmt::format("\n## {}\n", key);
    if (const std::string text = describe_meaning(property, key); !text.empty()) {
      sections += fmt::format("\n{}\n", text);
    }
    sections += kTableHead;
    write_rows(property, key + ".", sections);
  }
  std::string page(kHead);
  page += "\n## The whole file\n";
  page += kTableHead;
  write_rows(top, "", page);
  return page + sections;
}

}  // namespace cvm::webhook
