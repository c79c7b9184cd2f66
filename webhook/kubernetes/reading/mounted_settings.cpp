#include "webhook/kubernetes/reading/mounted_settings.hpp"

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
      api.get("/apis/apps/v1/namespaces/" + url_segment(ns) +
              "/deployments?labelSelector=app.kubernetes.io%2Fname%3Dcvm-webhook");
  if (!deployments) return Error{deployments.error().message};
  const SettingsMount mount = find_mount(*deployments);
  if (mount.config_map.empty()) {
    return Error{"namespace " + ns +
                 " has no Deployment labelled app.kubernetes.io/name=cvm-webhook that is given "
                 "--settings from a ConfigMap"};
  }
  const ApiResult<std::string> config_map = api.get("/api/v1/namespaces/" + url_segment(ns) +
                                                    "/configmaps/" + url_segment(mount.config_map));
  if (!config_map) return Error{config_map.error().message};
  LiveSettings settings{"ConfigMap " + ns + "/" + mount.config_map + ", key " + mount.key, {}};
  simdjson::dom::parser parser;
  std::string_view text;
  if (parser.parse(*config_map)["data"][mount.key].get(text) != simdjson::SUCCESS) {
    return Error{settings.place + ": it has no such key"};
  }
  settings.text = text;
  return {boost::system::in_place_value, std::move(settings)};
}

}  // namespace cvm::webhook
