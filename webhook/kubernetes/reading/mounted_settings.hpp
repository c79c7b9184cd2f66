// The settings that the webhook of a cluster runs with: a ConfigMap's, which its Deployment mounts.
#pragma once

#include <string>

#include "policies/model/result.hpp"
#include "webhook/kubernetes/api/api_reader.hpp"

namespace cvm::webhook {

inline constexpr const char* kWebhookNamespace = "cvm-system";

struct LiveSettings {
  std::string place;  // "ConfigMap cvm-system/cvm-webhook-settings, key settings.yaml"
  std::string text;
};

// Looks in `ns` for the Deployment labelled app.kubernetes.io/name=cvm-webhook whose container is
// given --settings, and for the ConfigMap at that path.
Result<LiveSettings> read_live_settings(const ApiReader& api, const std::string& ns);

}  // namespace cvm::webhook
