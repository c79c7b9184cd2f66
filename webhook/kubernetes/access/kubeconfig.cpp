// Kubeconfig files as kubectl reads them, for the fields that name a server and an identity. What
// would change who we are or how we get there, and is not supported, is an error and never ignored.

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <ranges>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "certs/certificate.hpp"
#include "certs/files.hpp"
#include "webhook/formats/document_value.hpp"
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
  YamlDocument document;
  Json root;
  DocumentReading reading;  // what was wrong in it
};

// In the order in which they count; at least one. Values refer to their file, which stays in place.
using KubeconfigFiles = std::deque<KubeconfigFile>;

// "a" or "a, b", for messages about all of them.
std::string names_of(const KubeconfigFiles& files) {
  return fmt::format("{}", fmt::join(files | std::views::transform(&KubeconfigFile::name), ", "));
}

DocumentValue root_of(KubeconfigFile& file) { return {file.root, file.document, file.reading}; }

// Absolute: a plugin's path must stay a path.
std::filesystem::path directory_of(const std::string& file) {
  std::error_code error;
  const std::filesystem::path path = std::filesystem::absolute(file, error);
  return error ? std::filesystem::path("/") : path.parent_path();
}

// The entry of that name in one of the file's three lists of named things. Appends every name to
// `known`.
std::optional<DocumentValue> find_entry(KubeconfigFile& file, const std::string& list,
                                        const std::string& name, std::vector<std::string>& known) {
  std::optional<DocumentValue> found;
  const auto entries = root_of(file).find(list);
  if (!entries) return found;
  entries->secret().read_elements([&](const DocumentValue& entry) {
    const auto entry_name = entry.find("name");
    if (!entry_name || !entry_name->json().is_string()) {
      return entry.add_mistake("expected a map with a name, which is a string");
    }
    known.push_back(entry_name->json().get<std::string>());
    if (known.back() != name) return;
    if (found) return entry.add_mistake(fmt::format("\"{}\" is there twice", name));
    found.emplace(entry);
  });
  return found;
}

struct NamedSection {
  KubeconfigFile* file = nullptr;
  KubeconfigSection section;
};

// `list`[name].`key` of the first file that has it; nothing where that is a mistake of a file.
Result<std::optional<NamedSection>> named(KubeconfigFiles& files, const std::string& list,
                                          const std::string& key, const std::string& name) {
  std::vector<std::string> known;
  for (KubeconfigFile& file : files) {
    const std::size_t mistakes = file.reading.mistakes.size();
    const auto entry = find_entry(file, list, name, known);
    if (file.reading.mistakes.size() > mistakes) return std::optional<NamedSection>();
    if (!entry) continue;
    const KubeconfigSection all(entry->called(fmt::format("{}[{}]", list, name)),
                                directory_of(file.name));
    auto section = all.section(key);
    if (section) return std::optional<NamedSection>({&file, std::move(*section)});
    if (!all.find(key)) all.add_mistake(key, "expected a map, found nothing");
    return std::optional<NamedSection>();
  }
  return Error{
      fmt::format("{}: no \"{}\" among the {} ({})", names_of(files), name, list,
                  known.empty() ? "there are none" : fmt::to_string(fmt::join(known, ", ")))};
}

void read_cluster(const KubeconfigSection& cluster, ClusterAccess& access) {
  const std::string server = cluster.text("server");
  if (!cluster.find("server")) {
    cluster.add_mistake("server", "it is missing; expected https://HOST:PORT");
  } else if (const Result<void> set = set_server(server, access); !server.empty() && !set) {
    cluster.add_mistake("server", set.error().message);
  }
  if (const auto proxy = cluster.find("proxy-url")) {
    proxy->add_mistake("proxies are not supported; give a server address that is reached directly");
  }
  access.server_name = cluster.text("tls-server-name");
  access.insecure_skip_tls_verify = cluster.flag("insecure-skip-tls-verify");
  access.ca_pem = cluster.content("certificate-authority");
  if (access.ca_pem.empty()) return;
  if (access.insecure_skip_tls_verify) {
    cluster.add_mistake("insecure-skip-tls-verify",
                        "it contradicts certificate-authority; remove one of the two");
  } else if (const auto facts = certs::inspect(access.ca_pem); !facts) {
    cluster.add_content_mistake("certificate-authority", facts.error().message);
  }
}

Result<void> read_root(const std::string& name, KubeconfigFile& file) {
  file.name = name;
  file.root = Json::object();
  const certs::Result<std::string> content = certs::read_file(name);
  if (!content) return Error{content.error().message};
  Result<std::vector<YamlDocument>> documents = parse_yaml(*content);
  if (!documents) return Error{fmt::format("{}: {}", name, documents.error().message)};
  if (documents->empty()) return {};  // as `touch` makes one: it says nothing
  if (documents->size() != 1) {
    return Error{fmt::format("{}: expected one document, found {}", name, documents->size())};
  }
  file.document = std::move(documents->front());
  file.root = Json::parse(file.document.json, nullptr, false);
  if (!file.root.is_object()) {
    return Error{fmt::format("{}: expected a map (kind: Config)", name)};
  }
  if (const auto kind = root_of(file).find("kind"); kind && kind->json() != "Config") {
    kind->add_mistake(fmt::format("expected Config, found {}", kind->describe_found()));
  }
  return {};
}

Result<void> read_files(const std::vector<std::string>& names, KubeconfigFiles& files) {
  // What cannot be looked at counts as there, so that reading it says why.
  const auto is_absent = [](const std::string& name) {
    std::error_code error;
    return std::filesystem::status(name, error).type() == std::filesystem::file_type::not_found;
  };
  const bool none_is_there = std::all_of(names.begin(), names.end(), is_absent);
  for (const std::string& name : names) {
    if (!none_is_there && is_absent(name)) continue;
    if (Result<void> read = read_root(name, files.emplace_back()); !read) return read;
  }
  return {};
}

// Empty: there is none.
std::string current_context(KubeconfigFiles& files) {
  for (KubeconfigFile& file : files) {
    std::string name = KubeconfigSection(root_of(file), "").text("current-context");
    if (!name.empty()) return name;
  }
  return {};
}

Result<void> read_access(KubeconfigFiles& files, std::string context, ClusterAccess& access) {
  if (context.empty()) context = current_context(files);
  if (context.empty()) {
    return Error{
        fmt::format("{}: no current-context; set one or give --context NAME", names_of(files))};
  }
  const auto chosen = named(files, "contexts", "context", context);
  if (!chosen) return chosen.error();
  if (!*chosen) return {};
  const KubeconfigSection& section = (*chosen)->section;
  const std::string cluster_name = section.text("cluster"), user_name = section.text("user");
  if (!section.find("cluster")) section.add_mistake("cluster", "it is missing");
  if (cluster_name.empty()) return {};
  access.ns = section.text("namespace");
  const auto cluster = named(files, "clusters", "cluster", cluster_name);
  if (!cluster) return cluster.error();
  if (!*cluster) return {};
  read_cluster((*cluster)->section, access);
  if (user_name.empty()) return {};
  const auto user = named(files, "users", "user", user_name);
  if (!user) return user.error();
  if (!*user) return {};
  read_kubeconfig_user((*user)->section, (*user)->file->name, (*cluster)->section, access);
  return {};
}

}  // namespace

Result<ClusterAccess> kubeconfig_access(const std::vector<std::string>& names,
                                        const std::string& context) {
  KubeconfigFiles files;
  if (const Result<void> read = read_files(names, files); !read) return read.error();
  ClusterAccess access;
  const Result<void> read = read_access(files, context, access);
  // What is wrong in a file is told first: it may be why something is not found.
  std::string mistakes;
  for (const KubeconfigFile& file : files) {
    if (file.reading.ok()) continue;
    mistakes.append(mistakes.empty() ? "" : "\n").append(file.reading.describe(file.name));
  }
  if (!mistakes.empty()) return Error{std::move(mistakes)};
  if (!read) return read.error();
  return access;
}

}  // namespace cvm::webhook
