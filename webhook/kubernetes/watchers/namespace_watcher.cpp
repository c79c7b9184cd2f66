#include "webhook/kubernetes/watchers/namespace_watcher.hpp"

#include <utility>

#include "policies/model/workspace.hpp"
#include "webhook/decode/json_fields.hpp"

namespace cvm::webhook {
namespace {

using Element = simdjson::dom::element;

std::string_view label_of(Element ns, std::string_view key) {
  std::string_view text;
  return ns["metadata"]["labels"][key].get(text) == simdjson::SUCCESS ? text : std::string_view();
}

PodSecurityLevel level_of(Element ns) {
  const std::string_view text = label_of(ns, kEnforceLabel);
  for (const auto level : {PodSecurityLevel::kBaseline, PodSecurityLevel::kRestricted}) {
    if (to_string(level) == text) return level;
  }
  return PodSecurityLevel::kPrivileged;
}

}  // namespace

// Only those that have the label: the API server tells when one loses it.
WatchedResource namespace_resource() {
  return {.path = "/api/v1/namespaces",
          .selector = "labelSelector=cvm-webhook.io%2Fworkspaces%3Denabled",
          .list_kind = "NamespaceList",
          .objects = "namespaces",
          .object = "namespace"};
}

bool NamespaceStore::put(Element ns) {
  KnownNamespace known{level_of(ns), std::string(label_of(ns, kProfileLabel))};
  const auto [entry, is_new] = namespaces.try_emplace(string_at(ns, "/metadata/name"));
  if (!is_new && entry->second == known) return false;
  entry->second = std::move(known);
  return true;
}

bool NamespaceStore::erase(Element ns) {
  return namespaces.erase(string_at(ns, "/metadata/name")) > 0;
}

NamespaceWatcher::NamespaceWatcher(boost::asio::any_io_executor executor, ClusterAccess access,
                                   OnNamespaces on_namespaces, WatchLog log, WatchTuning tuning)
    : StoreWatcher(
          std::move(executor), std::move(access), namespace_resource(),
          [on_namespaces = std::move(on_namespaces)](const NamespaceStore& store) {
            on_namespaces(std::make_shared<const KnownNamespaces>(store.namespaces));
          },
          std::move(log), std::move(tuning)) {}

}  // namespace cvm::webhook
