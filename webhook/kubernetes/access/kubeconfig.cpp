// Kubeconfig files as kubectl reads them, for the fields that name a server and an identity. What
// would change who we are or how we get there, and is not supported, is an error and never ignored.

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "certs/certificate.hpp"
#include "certs/files.hpp"
#include "webhook/formats/yaml_json.hpp"
#include "webhook/kubernetes/access/cluster_access.hpp"
#include "webhook/kubernetes/access/kubeconfig_section.hpp"
#include "webhook/kubernetes/access/kubeconfig_user.hpp"
#include "webhook/kubernetes/access/server_url.hpp"

namespace cvm::webhook {
namespace {

using Json = nlohmann::json;

struct KubeconfigFile {
  std::string name;
  Json root;
};

// In the order in which they count; at least one.
using KubeconfigFiles = std::vector<KubeconfigFile>;

std::string quoted(const std::string& name) { return '"' + name + '"'; }

// "a" or "a, b", for messages about all of them.
std::string names_of(const KubeconfigFiles& files) {
  std::string names;
  for (const KubeconfigFile& file : files) names += (names.empty() ? "" : ", ") + file.name;
  return names;
}

// Absolute: a plugin's path must stay a path.
std::filesystem::path directory_of(const std::string& file) {
  std::error_code error;
  const std::filesystem::path path = std::filesystem::absolute(file, error);
  return error ? std::filesystem::path("/") : path.parent_path();
}

// The entry of that name in one of the file's three lists of named things; nullptr when there is
// none. Appends every name to `known`.
Result<const Json*> find_entry(const KubeconfigFile& file, const std::string& list,
                               const std::string& name, std::string& known) {
  const Json* found = nullptr;
  const auto entries = file.root.find(list);
  if (entries == file.root.end() || entries->is_null()) return found;
  const std::string place = fmt::format("{}: {}: ", file.name, list);
  if (!entries->is_array()) {
    return Error{
        fmt::format("{}expected a list, found {}", place, KubeconfigSection::describe(*entries))};
  }
  for (const Json& entry : *entries) {
    if (!entry.is_object() || !entry.contains("name") || !entry["name"].is_string()) {
      return Error{fmt::format("{}an entry whose name is no string", place)};
    }
    const auto entry_name = entry["name"].get<std::string>();
    known.append(known.empty() ? "" : ", ").append(entry_name);
    if (entry_name != name) continue;
    if (found != nullptr) return Error{fmt::format("{}{} is there twice", place, quoted(name))};
    found = &entry;
  }
  return found;
}

// `list`[name].`key` of the first file that has it.
Result<KubeconfigSection> named(const KubeconfigFiles& files, const std::string& list,
                                const std::string& key, const std::string& name) {
  std::string known;
  for (const KubeconfigFile& file : files) {
    const Result<const Json*> entry = find_entry(file, list, name, known);
    if (!entry) return entry.error();
    if (*entry == nullptr) continue;
    std::string place = fmt::format("{}: {}", file.name, list);
    place.append("[").append(name).append("].").append(key);
    const auto body = (*entry)->find(key);
    if (body == (*entry)->end() || !body->is_object()) {
      return Error{fmt::format("{}: expected a mapping", place)};
    }
    return KubeconfigSection(*body, place, directory_of(file.name));
  }
  return Error{fmt::format("{}: no {} among the {} ({})", names_of(files), quoted(name), list,
                           known.empty() ? "there are none" : known)};
}

Result<void> read_cluster(const KubeconfigSection& cluster, ClusterAccess& access) {
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

Result<Json> read_root(const std::string& file) {
  const certs::Result<std::string> content = certs::read_file(file);
  if (!content) return Error{content.error().message};
  const Result<std::vector<YamlDocument>> documents = parse_yaml(*content);
  if (!documents) return Error{fmt::format("{}: {}", file, documents.error().message)};
  // An empty file, as `touch` makes one, says nothing.
  if (documents->empty()) return {boost::system::in_place_value, Json::object()};
  if (documents->size() != 1) {
    return Error{fmt::format("{}: expected one document, found {}", file, documents->size())};
  }
  Json root = Json::parse(documents->front().json, nullptr, false);
  if (!root.is_object()) return Error{fmt::format("{}: expected a mapping (kind: Config)", file)};
  const auto kind = root.find("kind");
  if (kind != root.end() && *kind != "Config") {
    return Error{fmt::format("{}: kind: expected Config, found {}", file,
                             KubeconfigSection::describe(*kind))};
  }
  return {boost::system::in_place_value, std::move(root)};
}

Result<KubeconfigFiles> read_files(const std::vector<std::string>& names) {
  // What cannot be looked at counts as there, so that reading it says why.
  const auto is_absent = [](const std::string& name) {
    std::error_code error;
    return std::filesystem::status(name, error).type() == std::filesystem::file_type::not_found;
  };
  const bool none_is_there = std::all_of(names.begin(), names.end(), is_absent);
  KubeconfigFiles files;
  for (const std::string& name : names) {
    if (!none_is_there && is_absent(name)) continue;
    Result<Json> root = read_root(name);
    if (!root) return root.error();
    files.push_back({name, std::move(*root)});
  }
  return files;
}

Result<std::string> current_context(const KubeconfigFiles& files) {
  for (const KubeconfigFile& file : files) {
    const KubeconfigSection top(file.root, file.name, "");
    Result<std::string> name = top.text("current-context");
    if (!name) return Error{fmt::format("{}: current-context: expected a string", file.name)};
    if (!name->empty()) return name;
  }
  return Error{
      fmt::format("{}: no current-context; set one or give --context NAME", names_of(files))};
}

}  // namespace

Result<ClusterAccess> kubeconfig_access(const std::vector<std::string>& names,
                                        const std::string& context) {
  const Result<KubeconfigFiles> files = read_files(names);
  if (!files) return files.error();
  Result<std::string> context_name = {boost::system::in_place_value, context};
  if (context.empty()) context_name = current_context(*files);
  if (!context_name) return context_name.error();
  const Result<KubeconfigSection> chosen = named(*files, "contexts", "context", *context_name);
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
  const Result<KubeconfigSection> cluster = named(*files, "clusters", "cluster", *cluster_name);
  if (!cluster) return cluster.error();
  if (const Result<void> read = read_cluster(*cluster, access); !read) return read.error();
  if (user_name->empty()) return access;
  const Result<KubeconfigSection> user = named(*files, "users", "user", *user_name);
  if (!user) return user.error();
  if (const auto read = read_kubeconfig_user(*user, *cluster, access); !read) return read.error();
  return access;
}

}  // namespace cvm::webhook
