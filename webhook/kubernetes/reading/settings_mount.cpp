#include "webhook/kubernetes/reading/settings_mount.hpp"

#include <filesystem>
#include <string_view>

#include "webhook/decode/json_fields.hpp"

namespace cvm::webhook {
namespace {

using Element = simdjson::dom::element;

// The value of --settings, given in either way.
std::string settings_file_of(Element container) {
  constexpr std::string_view kOption = "--settings", kWithValue = "--settings=";
  std::string file;
  bool is_next = false;
  for (const char* list : {"command", "args"}) {
    for_each_of(container[list], [&](Element element) {
      std::string_view argument;
      if (element.get(argument) != simdjson::SUCCESS) return;
      if (is_next) file = argument;
      is_next = argument == kOption;
      if (argument.starts_with(kWithValue)) file = argument.substr(kWithValue.size());
    });
  }
  return file;
}

std::string without_slash(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

// Of the ConfigMap that is the volume of that name; `file`: its path there.
SettingsMount find_volume(Element spec, const std::string& name, const std::string& file) {
  SettingsMount found;
  for_each_of(spec["volumes"], [&](Element volume) {
    if (string_at(volume, "/name") != name) return;
    found = {string_at(volume, "/configMap/name"), file};
    for_each_of(volume["configMap"]["items"], [&](Element item) {
      if (string_at(item, "/path") == file) found.key = string_at(item, "/key");
    });
  });
  return found;
}

}  // namespace

SettingsMount find_settings_mount(Element deployment) {
  SettingsMount found;
  Element spec;
  if (deployment.at_pointer("/spec/template/spec").get(spec) != simdjson::SUCCESS) return found;
  for_each_of(spec["containers"], [&](Element container) {
    const std::filesystem::path path(settings_file_of(container));
    if (path.empty()) return;
    for_each_of(container["volumeMounts"], [&](Element mount) {
      if (!found.config_map.empty()) return;
      const std::filesystem::path mounted = without_slash(string_at(mount, "/mountPath"));
      const std::string name = string_at(mount, "/name");
      if (mounted == path.parent_path()) {
        found = find_volume(spec, name, path.filename().string());
      } else if (mounted == path) {
        found = find_volume(spec, name, string_at(mount, "/subPath"));
      }
    });
  });
  return found;
}

}  // namespace cvm::webhook
