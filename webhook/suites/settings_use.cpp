#include "webhook/suites/settings_use.hpp"

#include "policies/model/json_text.hpp"
#include "webhook/config/default_settings.hpp"

namespace cvm::webhook {

SettingsUse::SettingsUse() {
  nlohmann::ordered_json defaults = default_settings();
  for (const char* key : {"apiVersion", "kind"}) defaults.erase(key);
  add_keys(defaults, "", "");
}

void SettingsUse::add_keys(const nlohmann::ordered_json& value, const std::string& name,
                           const std::string& pointer) {
  if (!value.is_object() || value.empty()) {
    keys_.push_back({name, nlohmann::json::json_pointer(pointer), nlohmann::json(value)});
    return;
  }
  for (const auto& [key, member] : value.items()) {
    std::string below = pointer;
    append_pointer_key(below, key);
    std::string member_name = name.empty() ? "" : name + ".";
    member_name += key;
    add_keys(member, member_name, below);
  }
}

void SettingsUse::add(const nlohmann::json& given) {
  if (!given.is_object() || given.empty() || !seen_.insert(given.dump()).second) return;
  for (Key& key : keys_) {
    if (key.varied || !given.contains(key.pointer)) continue;
    const nlohmann::json& value = given.at(key.pointer);
    key.varied = !value.is_null() && value != key.standard;
  }
  const auto profiles = given.find("profiles");
  if (profiles == given.end() || !profiles->is_array()) return;
  for (const nlohmann::json& profile : *profiles) {
    if (profile.is_object()) add(profile.value("settings", nlohmann::json()));
  }
}

std::vector<std::string> SettingsUse::not_varied() const {
  std::vector<std::string> names;
  for (const Key& key : keys_) {
    if (!key.varied) names.push_back(key.name);
  }
  return names;
}

}  // namespace cvm::webhook
