#include "webhook/config/settings_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

#include "webhook/config/settings_keys.hpp"
#include "webhook/config/settings_profiles.hpp"
#include "webhook/formats/document_value.hpp"
#include "webhook/formats/text_file.hpp"
#include "webhook/formats/yaml_json.hpp"

namespace cvm::webhook {
namespace {

SettingsResult only_mistake(std::string message, TextPosition where) {
  SettingsResult result;
  result.mistakes.push_back({"", std::move(message), where.line, where.column, ""});
  return result;
}

SettingsResult parse(std::string_view text, bool is_whole_file) {
  auto documents = parse_yaml(text);
  if (!documents) {
    std::string message = documents.error().message;
    const TextPosition where = take_position(message);
    return only_mistake(std::move(message), where);
  }
  if (documents->size() > 1) {
    return only_mistake(fmt::format("expected one document, found {}", documents->size()),
                        documents->at(1).position_of(""));
  }
  if (documents->empty()) {
    if (is_whole_file) return only_mistake("expected settings, found an empty file", {});
    return {};
  }
  const YamlDocument& document = documents->front();
  const auto json = nlohmann::json::parse(document.json);
  SettingsResult result;
  const DocumentValue root(json, document, result);
  read_settings_keys(root, result.settings);
  if (is_whole_file && json.is_object()) {
    for (const auto& [key, value] :
         {std::pair{"apiVersion", kSettingsApiVersion}, std::pair{"kind", kSettingsKind}}) {
      if (json.value(key, nlohmann::json()).is_null()) {
        root.add_mistake(fmt::format("expected {}: {}, found no such key", key, value));
      }
    }
  }
  read_profiles(root, document, result);
  std::sort(result.mistakes.begin(), result.mistakes.end(),
            [](const DocumentMistake& left, const DocumentMistake& right) {
              return std::tie(left.line, left.column, left.path, left.message) <
                     std::tie(right.line, right.column, right.path, right.message);
            });
  return result;
}

}  // namespace

SettingsResult parse_settings(std::string_view text) { return parse(text, true); }

SettingsResult parse_settings_body(std::string_view text) { return parse(text, false); }

SettingsResult load_settings(const std::string& file) {
  const auto text = read_text_file(file);
  if (!text) return only_mistake(text.error().message, {0, 0});
  return parse_settings(*text);
}

}  // namespace cvm::webhook
