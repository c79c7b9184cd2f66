#include "webhook/kubernetes/reading/mounted_settings.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <utility>

#include "webhook/kubernetes/access/server_url.hpp"
#include "webhook/kubernetes/reading/settings_mount.hpp"

namespace cvm::webhook {
namespace {

// The first of a list of Deployments that has any.
SettingsMount find_mount(const std::string& deployments) {
  simdjson::dom::parser parser;
  simdjson::dom::array items;
  SettingsMount found;
  if (parser.parse(deployments)["items"].get(items) != simdjson::SUCCESS) return found;
  for (const simdjson::dom::element deployment : items) {
    if (found.config_map.empty()) found = find_settings_mount(deployment);
  }
  return found;
}

}  // namespace

Result<LiveSettings> read_live_settings(const ApiReader& api, const std::string& ns) {
  const ApiResult<std::string> deployments =
      api.get(fmt::format("/apis/apps/v1/namespaces/{}/"
                          "deployments?labelSelector=app.kubernetes.io%2Fname%3Dcvm-webhook",
                          url_segment(ns)));
  if (!deployments) return Error{deployments.error().message};
  const SettingsMount mount = find_mount(*deployments);
  if (mount.config_map.empty()) {
    return Error{
        fmt::format("namespace {} has no Deployment labelled app.kubernetes.io/name=cvm-webhook "
                    "that is given --settings from a ConfigMap",
                    ns)};
  }
  const ApiResult<std::string> config_map = api.get(fmt::format(
      "/api/v1/namespaces/{}/configmaps/{}", url_segment(ns), url_segment(mount.config_map)));
  if (!config_map) return Error{config_map.error().message};
  LiveSettings settings{fmt::format("ConfigMap {}/{}, key {}", ns, mount.config_map, mount.key),
                        {}};
  simdjson::dom::parser parser;
  std::string_view text;
  if (parser.parse(*config_map)["data"][mount.key].get(text) != simdjson::SUCCESS) {
    return Error{fmt::format("{}: it has no such key", settings.place)};
  }
  settings.text = text;
  return {boost::system::in_place_value, std::move(settings)};
}

}  // namespace cvm::webhook
