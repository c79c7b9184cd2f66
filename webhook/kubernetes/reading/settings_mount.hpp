// Where a Deployment of the webhook has its settings from.
#pragma once

#include <simdjson.h>

#include <string>

namespace cvm::webhook {

struct SettingsMount {
  std::string config_map;  // empty: no container is given --settings from one
  std::string key;         // of the ConfigMap
};

// Reads --settings of its containers, and which volume is mounted there.
SettingsMount find_settings_mount(simdjson::dom::element deployment);

}  // namespace cvm::webhook
