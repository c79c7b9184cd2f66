#include "webhook/doctor/settings_in_force.hpp"

#include <fmt/format.h>

#include "webhook/config/settings_file.hpp"

namespace cvm::webhook {
namespace {

constexpr const char* kDefaultsAssumed = "; the defaults are assumed, as no --settings are given";

// A dot in a key is escaped in jsonpath.
std::string check_command(const ObjectName& name, const std::string& key) {
  std::string escaped;
  for (const char c : key) escaped += c == '.' ? std::string("\\.") : std::string(1, c);
  return fmt::format(
      "kubectl -n {} get configmap {} -o 'jsonpath={{.data.{}}}' | cvm-webhook config check "
      "/dev/stdin",
      name.first, name.second, escaped);
}

CheckedSettings read_text(const ObjectName& name, const std::string& key, const std::string& text) {
  const std::string origin = fmt::format("ConfigMap {}/{}", name.first, name.second);
  SettingsResult result = parse_settings(text);
  if (result.ok()) {
    return {std::move(result.settings),
            {CheckStatus::kPass, fmt::format("the settings of {}", origin)}};
  }
  return {
      {},
      {CheckStatus::kFail,
       fmt::format("{} has {} mistakes, as {}: {}{}", origin, result.mistakes.size(),
                   result.mistakes.front().path, result.mistakes.front().message, kDefaultsAssumed),
       check_command(name, key)}};
}

CheckedSettings assume_defaults(const ClusterFacts& facts, const std::string& why) {
  return {
      {},
      {CheckStatus::kWarn, why + kDefaultsAssumed,
       fmt::format("kubectl -n {} get deployment,configmap -o yaml", facts.webhook_namespace())}};
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
  return assume_defaults(facts, facts.knows(ObjectKind::kConfigMap)
                                    ? fmt::format("ConfigMap {}/{} has no settings under {}",
                                                  name.first, name.second, key)
                                    : facts.why_unknown(ObjectKind::kConfigMap));
}

}  // namespace cvm::webhook
