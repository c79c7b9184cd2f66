#include "webhook/kubernetes/live_settings.hpp"

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>
#include <utility>

namespace cvm::webhook {
namespace {

using nlohmann::json;

struct MountedKey {
  std::string config_map, key;
};

// `object` at a pointer, where it is of that type; else an empty one.
json part_of(const json& object, const char* pointer, json::value_t type) {
  const json::json_pointer place(pointer);
  if (object.is_structured() && object.contains(place) && object.at(place).type() == type) {
    return object.at(place);
  }
  return json(type);
}

std::string text_at(const json& object, const char* pointer) {
  return part_of(object, pointer, json::value_t::string).get<std::string>();
}

// The path of --settings=PATH, or of --settings PATH.
std::string settings_path(const json& container) {
  constexpr std::string_view kOption = "--settings";
  bool is_next = false;
  for (const json& argument : part_of(container, "/args", json::value_t::array)) {
    if (!argument.is_string()) continue;
    const auto text = argument.get<std::string>();
    if (is_next) return text;
    is_next = text == kOption;
    if (text.starts_with(std::string(kOption) + "=")) return text.substr(kOption.size() + 1);
  }
  return "";
}

std::string config_map_of_volume(const json& spec, const std::string& volume) {
  for (const json& each : part_of(spec, "/volumes", json::value_t::array)) {
    if (text_at(each, "/name") == volume) return text_at(each, "/configMap/name");
  }
  return "";
}

std::optional<MountedKey> find_mount(const json& spec, const json& container) {
  const std::filesystem::path path = settings_path(container);
  if (path.empty()) return std::nullopt;
  for (const json& mount : part_of(container, "/volumeMounts", json::value_t::array)) {
    if (std::filesystem::path(text_at(mount, "/mountPath")) != path.parent_path()) continue;
    std::string config_map = config_map_of_volume(spec, text_at(mount, "/name"));
    if (!config_map.empty()) return MountedKey{std::move(config_map), path.filename().string()};
  }
  return std::nullopt;
}

std::optional<MountedKey> find_mount(const json& deployments) {
  for (const json& deployment : part_of(deployments, "/items", json::value_t::array)) {
    const json spec = part_of(deployment, "/spec/template/spec", json::value_t::object);
    for (const json& container : part_of(spec, "/containers", json::value_t::array)) {
      if (auto found = find_mount(spec, container)) return found;
    }
  }
  return std::nullopt;
}

}  // namespace

Result<LiveSettings> read_live_settings(const ApiReader& api, const std::string& ns) {
  const ApiResult<std::string> deployments =
      api.get("/apis/apps/v1/namespaces/" + ns +
              "/deployments?labelSelector=app.kubernetes.io%2Fname%3Dcvm-webhook");
  if (!deployments) return Error{deployments.error().message};
  const auto mounted = find_mount(json::parse(*deployments, nullptr, false));
  if (!mounted) {
    return Error{"namespace " + ns +
                 " has no Deployment labelled app.kubernetes.io/name=cvm-webhook that is given "
                 "--settings from a ConfigMap"};
  }
  const ApiResult<std::string> config_map =
      api.get("/api/v1/namespaces/" + ns + "/configmaps/" + mounted->config_map);
  if (!config_map) return Error{config_map.error().message};
  LiveSettings settings{"ConfigMap " + ns + "/" + mounted->config_map + ", key " + mounted->key,
                        {}};
  const json data =
      part_of(json::parse(*config_map, nullptr, false), "/data", json::value_t::object);
  const auto text = data.find(mounted->key);
  if (text == data.end() || !text->is_string())
    return Error{settings.place + ": it has no such key"};
  settings.text = text->get<std::string>();
  return {boost::system::in_place_value, std::move(settings)};
}

}  // namespace cvm::webhook
