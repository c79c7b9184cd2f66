#include "webhook/doctor/settings_in_force.hpp"

#include "webhook/config/settings_file.hpp"

namespace cvm::webhook {
namespace {

constexpr const char* kDefaultsAssumed = "; the defaults are assumed, as no --settings are given";

// A dot in a key is escaped in jsonpath.
std::string check_command(const ObjectName& name, const std::string& key) {
  std::string escaped;
  for (const char c : key) escaped += c == '.' ? std::string("\\.") : std::string(1, c);
  return "kubectl -n " + name.first + " get configmap " + name.second + " -o 'jsonpath={.data." +
         escaped + "}' | cvm-webhook config check /dev/stdin";
}

CheckedSettings read_text(const ObjectName& name, const std::string& key, const std::string& text) {
  const std::string origin = "ConfigMap " + name.first + "/" + name.second;
  SettingsResult result = parse_settings(text);
  if (result.ok()) {
    return {std::move(result.settings), {CheckStatus::kPass, "the settings of " + origin}};
  }
  return {
      {},
      {CheckStatus::kFail,
       origin + " has " + std::to_string(result.mistakes.size()) + " mistakes, as " +
           result.mistakes.front().path + ": " + result.mistakes.front().message + kDefaultsAssumed,
       check_command(name, key)}};
}

CheckedSettings assume_defaults(const ClusterFacts& facts, const std::string& why) {
  return {{},
          {CheckStatus::kWarn, why + kDefaultsAssumed,
           "kubectl -n " + facts.webhook_namespace() + " get deployment,configmap -o yaml"}};
}

}  // namespace

CheckedSettings live_settings(const ClusterFacts& facts) {
  const auto [name, key] = facts.settings_place();
  if (name.second.empty()) {
    return assume_defaults(facts, "no Deployment of cvm-webhook mounts a ConfigMap with settings");
  }
  const auto found = facts.settings_texts.find(name);
  if (found != facts.settings_texts.end()) {
    const auto text = found->second.find(key);
    if (text != found->second.end()) return read_text(name, key, text->second);
  }
  return assume_defaults(
      facts, facts.knows(ObjectKind::kConfigMap)
                 ? "ConfigMap " + name.first + "/" + name.second + " has no settings under " + key
                 : facts.why_unknown(ObjectKind::kConfigMap));
}

}  // namespace cvm::webhook
