// A kubeconfig file as kubectl reads it, for the fields that name a server and an identity. What
// would change who we are or how we get there, and is not supported, is an error and never ignored.
#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "certs/certificate.hpp"
#include "certs/files.hpp"
#include "webhook/config/yaml_json.hpp"
#include "webhook/kubernetes/base64.hpp"
#include "webhook/kubernetes/cluster_access.hpp"
#include "webhook/kubernetes/server_url.hpp"

namespace cvm::webhook {
namespace {

using Json = nlohmann::json;

// One mapping of the file, and where it stands: "FILE: users[dev].user".
class Section {
 public:
  Section(const Json* json, std::string place, std::filesystem::path directory)
      : json_(json), place_(std::move(place)), directory_(std::move(directory)) {}

  Error error(const std::string& key, const std::string& message) const {
    return Error{place_ + (key.empty() ? "" : "." + key) + ": " + message};
  }

  bool has(const std::string& key) const {
    const auto found = json_->find(key);
    return found != json_->end() && !found->is_null() && *found != Json("");
  }

  // Empty when absent.
  Result<std::string> text(const std::string& key) const {
    if (!has(key)) return {boost::system::in_place_value};
    const Json& value = json_->at(key);
    if (!value.is_string()) return error(key, "expected a string, found " + describe(value));
    return {boost::system::in_place_value, value.get<std::string>()};
  }

  Result<bool> flag(const std::string& key) const {
    if (!has(key)) return false;
    const Json& value = json_->at(key);
    if (!value.is_boolean()) return error(key, "expected true or false, found " + describe(value));
    return value.get<bool>();
  }

  // A path relative to the kubeconfig's directory; empty when absent.
  Result<std::string> path(const std::string& key) const {
    const Result<std::string> written = text(key);
    if (!written) return written.error();
    if (written->empty()) return {boost::system::in_place_value};
    return {boost::system::in_place_value, (directory_ / *written).lexically_normal().string()};
  }

  // `key` names a file, `key`-data carries its content as base64 and wins; empty when both absent.
  Result<std::string> content(const std::string& key) const {
    const std::string data_key = key + "-data";
    const Result<std::string> data = text(data_key);
    if (!data) return data.error();
    if (!data->empty()) {
      std::optional<std::string> decoded = decode_base64(*data);
      if (!decoded) return error(data_key, "it is not base64");
      return {boost::system::in_place_value, std::move(*decoded)};
    }
    const Result<std::string> file = path(key);
    if (!file) return file.error();
    if (file->empty()) return {boost::system::in_place_value};
    certs::Result<std::string> read = certs::read_file(*file);
    if (!read) return error(key, read.error().message);
    return {boost::system::in_place_value, std::move(*read)};
  }

  static std::string describe(const Json& value) {
    return value.is_string() ? "\"" + value.get<std::string>() + "\"" : value.type_name();
  }

 private:
  const Json* json_;
  std::string place_;
  std::filesystem::path directory_;
};

// `list`[name].`key`, of the file's three lists of named things.
Result<Section> named(const Json& root, const std::string& file, const std::string& list,
                      const std::string& key, const std::string& name) {
  const auto entries = root.find(list);
  const std::string list_place = file + ": " + list;
  const Json* found = nullptr;
  std::string known;
  if (entries != root.end() && entries->is_array()) {
    for (const Json& entry : *entries) {
      if (!entry.is_object() || !entry.contains("name") || !entry["name"].is_string()) {
        return Error{list_place + ": an entry whose name is no string"};
      }
      const auto entry_name = entry["name"].get<std::string>();
      known.append(known.empty() ? "" : ", ").append(entry_name);
      if (entry_name != name) continue;
      if (found != nullptr) return Error{list_place + ": \"" + name + "\" is there twice"};
      found = &entry;
    }
  } else if (entries != root.end() && !entries->is_null()) {
    return Error{list_place + ": expected a list, found " + Section::describe(*entries)};
  }
  if (found == nullptr) {
    return Error{file + ": no \"" + name + "\" among the " + list + " (" +
                 (known.empty() ? "there are none" : known) + ")"};
  }
  const std::string place = list_place + "[" + name + "]." + key;
  const auto body = found->find(key);
  if (body == found->end() || !body->is_object()) return Error{place + ": expected a mapping"};
  return Section(&*body, place, std::filesystem::path(file).parent_path());
}

Result<void> read_cluster(const Section& cluster, ClusterAccess& access) {
  const Result<std::string> server = cluster.text("server");
  if (!server) return server.error();
  if (server->empty()) return cluster.error("server", "it is missing; expected https://HOST:PORT");
  if (const Result<void> set = set_server(*server, access); !set) {
    return cluster.error("server", set.error().message);
  }
  if (cluster.has("proxy-url")) {
    return cluster.error("proxy-url",
                         "proxies are not supported; give a server address that is reached "
                         "directly");
  }
  const Result<std::string> server_name = cluster.text("tls-server-name");
  if (!server_name) return server_name.error();
  access.server_name = *server_name;
  const Result<bool> insecure = cluster.flag("insecure-skip-tls-verify");
  if (!insecure) return insecure.error();
  access.insecure_skip_tls_verify = *insecure;

  const Result<std::string> ca = cluster.content("certificate-authority");
  if (!ca) return ca.error();
  if (ca->empty()) return {};
  if (*insecure) {
    return cluster.error("insecure-skip-tls-verify",
                         "it contradicts certificate-authority; remove one of the two");
  }
  if (const auto facts = certs::inspect(*ca); !facts) {
    return cluster.error("certificate-authority", facts.error().message);
  }
  access.ca_pem = *ca;
  return {};
}

// What a user may have that we cannot act on, and what to do instead.
constexpr std::pair<const char*, const char*> kUnsupportedUserFields[] = {
    {"exec",
     "credential plugins are not run; use a token, tokenFile or client-certificate (kubectl create "
     "token makes one for a service account)"},
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

Result<void> read_client_certificate(const Section& user, ClusterAccess& access) {
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

Result<void> read_user(const Section& user, ClusterAccess& access) {
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
  return read_client_certificate(user, access);
}

Result<Json> read_root(const std::string& file) {
  const certs::Result<std::string> content = certs::read_file(file);
  if (!content) return Error{content.error().message};
  const Result<std::vector<YamlDocument>> documents = parse_yaml(*content);
  if (!documents) return Error{file + ": " + documents.error().message};
  if (documents->size() != 1) {
    return Error{file + ": expected one document, found " + std::to_string(documents->size())};
  }
  Json root = Json::parse(documents->front().json, nullptr, false);
  if (!root.is_object()) return Error{file + ": expected a mapping (kind: Config)"};
  const auto kind = root.find("kind");
  if (kind != root.end() && *kind != "Config") {
    return Error{file + ": kind: expected Config, found " + Section::describe(*kind)};
  }
  return {boost::system::in_place_value, std::move(root)};
}

}  // namespace

Result<ClusterAccess> kubeconfig_access(const std::string& file, const std::string& context) {
  const Result<Json> root = read_root(file);
  if (!root) return root.error();
  const Section top(&*root, file, std::filesystem::path(file).parent_path());
  Result<std::string> context_name = {boost::system::in_place_value, context};
  if (context.empty()) {
    context_name = top.text("current-context");
    if (!context_name) return Error{file + ": current-context: expected a string"};
    if (context_name->empty()) {
      return Error{file + ": no current-context; set one or give --context NAME"};
    }
  }
  const Result<Section> chosen = named(*root, file, "contexts", "context", *context_name);
  if (!chosen) return chosen.error();
  const Result<std::string> cluster_name = chosen->text("cluster");
  if (!cluster_name) return cluster_name.error();
  if (cluster_name->empty()) return chosen->error("cluster", "it is missing");
  const Result<std::string> user_name = chosen->text("user");
  if (!user_name) return user_name.error();

  ClusterAccess access;
  const Result<std::string> ns = chosen->text("namespace");
  if (!ns) return ns.error();
  access.ns = *ns;
  const Result<Section> cluster = named(*root, file, "clusters", "cluster", *cluster_name);
  if (!cluster) return cluster.error();
  if (const Result<void> read = read_cluster(*cluster, access); !read) return read.error();
  if (user_name->empty()) return access;
  const Result<Section> user = named(*root, file, "users", "user", *user_name);
  if (!user) return user.error();
  if (const Result<void> read = read_user(*user, access); !read) return read.error();
  return access;
}

}  // namespace cvm::webhook
