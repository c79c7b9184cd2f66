#include "webhook/kubernetes/access/kubeconfig_user.hpp"

#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
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

Result<void> read_client_certificate(const KubeconfigSection& user, ClusterAccess& access) {
  const Result<std::string> certificate = user.content("client-certificate");
  if (!certificate) return certificate.error();
  const Result<std::string> key = user.content("client-key");
  if (!key) return key.error();
  if (certificate->empty() && key->empty()) return {};
  if (certificate->empty()) return user.error("client-certificate", "client-key needs it too");
  if (key->empty()) return user.error("client-key", "client-certificate needs it too");
  const auto checked = certs::check_pair({*certificate, *key}, std::chrono::system_clock::now());
  if (!checked) return user.error("client-certificate", checked.error().message);
  access.client_certificate_pem = *certificate;
  access.client_key_pem = *key;
  return {};
}

constexpr const char* kVersions[] = {"client.authentication.k8s.io/v1",
                                     "client.authentication.k8s.io/v1beta1"};

// What a plugin is told of a cluster, in the form of ExecCredential's spec.cluster.
Result<std::string> describe_cluster(const KubeconfigSection& cluster,
                                     const ClusterAccess& access) {
  nlohmann::json told = nlohmann::json::object();
  for (const char* key : {"server", "tls-server-name", "insecure-skip-tls-verify"}) {
    if (cluster.has(key)) told[key] = cluster.json().at(key);
  }
  if (!access.ca_pem.empty()) {
    std::string encoded;
    append_base64(access.ca_pem, encoded);
    told["certificate-authority-data"] = std::move(encoded);
  }
  const Result<std::vector<KubeconfigSection>> extensions = cluster.sections("extensions");
  if (!extensions) return extensions.error();
  for (const KubeconfigSection& extension : *extensions) {
    if (!extension.has("name") || !extension.has("extension")) continue;
    if (extension.json().at("name") != "client.authentication.k8s.io/exec") continue;
    told["config"] = extension.json().at("extension");
  }
  return {boost::system::in_place_value, told.dump()};
}

Result<CredentialPlugin::Interaction> read_interaction(const KubeconfigSection& exec,
                                                       const std::string& api_version) {
  using Interaction = CredentialPlugin::Interaction;
  const Result<std::string> mode = exec.text("interactiveMode");
  if (!mode) return mode.error();
  if (*mode == "Never") return Interaction::kNever;
  if (*mode == "Always") return Interaction::kAlways;
  if (*mode == "IfAvailable") return Interaction::kIfAvailable;
  if (mode->empty() && api_version == kVersions[1]) return Interaction::kIfAvailable;
  return exec.error("interactiveMode",
                    fmt::format("expected Never, IfAvailable or Always, found {}",
                                mode->empty() ? "nothing" : fmt::format("\"{}\"", *mode)));
}

Result<std::vector<std::pair<std::string, std::string>>> read_environment(
    const KubeconfigSection& exec) {
  std::vector<std::pair<std::string, std::string>> variables;
  const Result<std::vector<KubeconfigSection>> entries = exec.sections("env");
  if (!entries) return entries.error();
  for (const KubeconfigSection& entry : *entries) {
    const Result<std::string> name = entry.text("name");
    if (!name) return name.error();
    if (name->empty()) return entry.error("name", "it is missing");
    const Result<std::string> value = entry.text("value");
    if (!value) return value.error();
    variables.emplace_back(*name, *value);
  }
  return variables;
}

Result<void> read_plugin(const KubeconfigSection& exec, const KubeconfigSection& cluster,
                         ClusterAccess& access) {
  CredentialPlugin plugin;
  plugin.place = exec.place();
  const Result<std::string> version = exec.text("apiVersion");
  if (!version) return version.error();
  if (*version != kVersions[0] && *version != kVersions[1]) {
    return exec.error("apiVersion",
                      fmt::format("expected {} or {}, found {}", kVersions[0], kVersions[1],
                                  version->empty() ? "nothing" : fmt::format("\"{}\"", *version)));
  }
  plugin.api_version = *version;
  const Result<std::string> command = exec.text("command");
  if (!command) return command.error();
  if (command->empty()) return exec.error("command", "it is missing");
  const bool is_path = command->find('/') != std::string::npos;
  plugin.command = is_path ? exec.in_directory(*command) : *command;
  const Result<std::vector<std::string>> arguments = exec.texts("args");
  if (!arguments) return arguments.error();
  plugin.arguments = *arguments;
  auto environment = read_environment(exec);
  if (!environment) return environment.error();
  plugin.environment = std::move(*environment);
  const auto interaction = read_interaction(exec, *version);
  if (!interaction) return interaction.error();
  plugin.interaction = *interaction;
  const Result<std::string> hint = exec.text("installHint");
  if (!hint) return hint.error();
  plugin.install_hint = *hint;
  const Result<bool> tells_cluster = exec.flag("provideClusterInfo");
  if (!tells_cluster) return tells_cluster.error();
  if (*tells_cluster) {
    Result<std::string> told = describe_cluster(cluster, access);
    if (!told) return told.error();
    plugin.cluster = std::move(*told);
  }
  access.plugin = std::move(plugin);
  return {};
}

}  // namespace

Result<void> read_kubeconfig_user(const KubeconfigSection& user, const KubeconfigSection& cluster,
                                  ClusterAccess& access) {
  for (const auto& [field, message] : kUnsupportedUserFields) {
    if (user.has(field)) return user.error(field, message);
  }
  const Result<std::string> token = user.text("token");
  if (!token) return token.error();
  access.token = *token;
  const Result<std::string> token_file = user.path("tokenFile");
  if (!token_file) return token_file.error();
  access.token_file = *token_file;
  if (!token_file->empty()) {
    const certs::Result<std::string> read = certs::read_file(*token_file);
    if (!read) return user.error("tokenFile", read.error().message);
  }
  if (!access.tls && (!access.token.empty() || !access.token_file.empty())) {
    return user.error("token", "it would be sent in the clear; the server must be https");
  }
  if (const Result<void> read = read_client_certificate(user, access); !read) return read.error();
  const bool has_credentials =
      !access.token.empty() || !access.token_file.empty() || !access.client_certificate_pem.empty();
  const Result<std::optional<KubeconfigSection>> exec = user.section("exec");
  if (!exec) return exec.error();
  if (!*exec || has_credentials) return {};
  return read_plugin(**exec, cluster, access);
}

}  // namespace cvm::webhook
