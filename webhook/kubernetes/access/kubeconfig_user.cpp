#include "webhook/kubernetes/access/kubeconfig_user.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "certs/certificate.hpp"
#include "certs/files.hpp"
#include "webhook/formats/base64.hpp"

namespace cvm::webhook {
namespace {

// What a user may have that we cannot act on, and what to do instead.
constexpr std::pair<const char*, const char*> kUnsupportedUserFields[] = {
    {"auth-provider",
     "auth providers are not supported; use a token, tokenFile or client-certificate (kubectl "
     "create token makes one for a service account)"},
    {"username",
     "API servers no longer take passwords; use a token, tokenFile or client-certificate"},
    {"password",
     "API servers no longer take passwords; use a token, tokenFile or client-certificate"},
    {"as", "impersonation is not supported; use credentials of that user"},
    {"as-uid", "impersonation is not supported; use credentials of that user"},
    {"as-groups", "impersonation is not supported; use credentials of that user"},
    {"as-user-extra", "impersonation is not supported; use credentials of that user"},
};

void read_client_certificate(const KubeconfigSection& user, ClusterAccess& access) {
  const std::string certificate = user.content("client-certificate");
  const std::string key = user.content("client-key");
  if (certificate.empty() && key.empty()) return;
  if (certificate.empty()) {
    return user.add_mistake("client-certificate", "client-key needs it too");
  }
  if (key.empty()) return user.add_mistake("client-key", "client-certificate needs it too");
  const auto checked = certs::check_pair({certificate, key}, std::chrono::system_clock::now());
  if (!checked) return user.add_content_mistake("client-certificate", checked.error().message);
  access.client_certificate_pem = certificate;
  access.client_key_pem = key;
}

constexpr std::string_view kVersions[] = {"client.authentication.k8s.io/v1",
                                          "client.authentication.k8s.io/v1beta1"};

// What a plugin is told of a cluster, in the form of ExecCredential's spec.cluster.
std::string describe_cluster(const KubeconfigSection& cluster, const ClusterAccess& access) {
  nlohmann::json told = nlohmann::json::object();
  for (const char* key : {"server", "tls-server-name", "insecure-skip-tls-verify"}) {
    if (cluster.find(key)) told[key] = cluster.json().at(key);
  }
  if (!access.ca_pem.empty()) {
    std::string encoded;
    append_base64(access.ca_pem, encoded);
    told["certificate-authority-data"] = std::move(encoded);
  }
  for (const KubeconfigSection& extension : cluster.sections("extensions")) {
    if (!extension.find("name") || !extension.find("extension")) continue;
    if (extension.json().at("name") != "client.authentication.k8s.io/exec") continue;
    told["config"] = extension.json().at("extension");
  }
  return told.dump();
}

std::string found(const std::string& text) {
  return text.empty() ? "nothing" : fmt::format("\"{}\"", text);
}

CredentialPlugin::Interaction read_interaction(const KubeconfigSection& exec,
                                               std::string_view api_version) {
  using Interaction = CredentialPlugin::Interaction;
  const std::string mode = exec.text("interactiveMode");
  if (mode == "Never") return Interaction::kNever;
  if (mode == "Always") return Interaction::kAlways;
  if (mode == "IfAvailable") return Interaction::kIfAvailable;
  const bool needs_mode = api_version != kVersions[1] && !exec.find("interactiveMode");
  if (!mode.empty() || needs_mode) {
    exec.add_mistake("interactiveMode",
                     fmt::format("expected Never, IfAvailable or Always, found {}", found(mode)));
  }
  return Interaction::kIfAvailable;
}

std::vector<std::pair<std::string, std::string>> read_environment(const KubeconfigSection& exec) {
  std::vector<std::pair<std::string, std::string>> variables;
  for (const KubeconfigSection& entry : exec.sections("env")) {
    std::string name = entry.text("name");
    if (!entry.find("name")) entry.add_mistake("name", "it is missing");
    variables.emplace_back(std::move(name), entry.text("value"));
  }
  return variables;
}

void read_plugin(const KubeconfigSection& exec, const std::string& file,
                 const KubeconfigSection& cluster, ClusterAccess& access) {
  CredentialPlugin plugin;
  plugin.place = fmt::format("{}: {}", file, exec.place());
  plugin.api_version = exec.text("apiVersion");
  if (std::ranges::find(kVersions, plugin.api_version) == std::end(kVersions)) {
    return exec.add_mistake("apiVersion", fmt::format("expected {} or {}, found {}", kVersions[0],
                                                      kVersions[1], found(plugin.api_version)));
  }
  const std::string command = exec.text("command");
  if (!exec.find("command")) exec.add_mistake("command", "it is missing");
  const bool is_path = command.find('/') != std::string::npos;
  plugin.command = is_path ? exec.in_directory(command) : command;
  plugin.arguments = exec.texts("args");
  plugin.environment = read_environment(exec);
  plugin.interaction = read_interaction(exec, plugin.api_version);
  plugin.install_hint = exec.text("installHint");
  if (exec.flag("provideClusterInfo")) plugin.cluster = describe_cluster(cluster, access);
  access.plugin = std::move(plugin);
}

}  // namespace

void read_kubeconfig_user(const KubeconfigSection& user, const std::string& file,
                          const KubeconfigSection& cluster, ClusterAccess& access) {
  for (const auto& [field, message] : kUnsupportedUserFields) {
    if (const auto given = user.find(field)) given->add_mistake(message);
  }
  access.token = user.text("token");
  access.token_file = user.path("tokenFile");
  if (!access.token_file.empty()) {
    const certs::Result<std::string> read = certs::read_file(access.token_file);
    if (!read) user.add_mistake("tokenFile", read.error().message);
  }
  if (!access.tls && (!access.token.empty() || !access.token_file.empty())) {
    user.add_mistake(access.token.empty() ? "tokenFile" : "token",
                     "it would be sent in the clear; the server must be https");
  }
  read_client_certificate(user, access);
  const bool has_credentials =
      !access.token.empty() || !access.token_file.empty() || !access.client_certificate_pem.empty();
  const auto exec = user.section("exec");
  if (exec && !has_credentials) read_plugin(*exec, file, cluster, access);
}

}  // namespace cvm::webhook
