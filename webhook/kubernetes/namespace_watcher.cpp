#include "webhook/kubernetes/namespace_watcher.hpp"

#include <optional>
#include <utility>

#include "webhook/kubernetes/json_fields.hpp"

namespace cvm::webhook {
namespace {

using Element = simdjson::dom::element;

// Only those that have the label: the API server tells when one loses it.
WatchedResource namespaces() {
  return {.path = "/api/v1/namespaces",
          .selector = "labelSelector=pod-security.kubernetes.io%2Fenforce",
          .list_kind = "NamespaceList",
          .objects = "namespaces",
          .object = "namespace"};
}

std::optional<PodSecurityLevel> level_of(Element ns) {
  std::string_view text;
  if (ns["metadata"]["labels"][kEnforceLabel].get(text) != simdjson::SUCCESS) return std::nullopt;
  for (const auto level : {PodSecurityLevel::kBaseline, PodSecurityLevel::kRestricted}) {
    if (to_string(level) == text) return level;
  }
  return std::nullopt;
}

}  // namespace

bool PodSecurityLabelStore::put(Element ns) {
  const auto level = level_of(ns);
  if (!level) return erase(ns);
  const auto [entry, is_new] = levels.try_emplace(string_at(ns, "/metadata/name"), *level);
  if (is_new) return true;
  return std::exchange(entry->second, *level) != *level;
}

bool PodSecurityLabelStore::erase(Element ns) {
  return levels.erase(string_at(ns, "/metadata/name")) > 0;
}

NamespaceWatcher::NamespaceWatcher(boost::asio::any_io_executor executor, ClusterAccess access,
                                   OnLabels on_labels, WatchLog log, WatchTuning tuning)
    : StoreWatcher(
          std::move(executor), std::move(access), namespaces(),
          [on_labels = std::move(on_labels)](const PodSecurityLabelStore& store) {
            on_labels(std::make_shared<const PodSecurityLabels>(store.levels));
          },
          std::move(log), std::move(tuning)) {}

}  // namespace cvm::webhook
