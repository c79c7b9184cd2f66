// NamespaceWatcher: the namespaces whose pods are workspaces, and what their labels say.
#pragma once

#include <functional>
#include <memory>

#include "policies/model/known_namespaces.hpp"
#include "webhook/kubernetes/watchers/store_watcher.hpp"

namespace cvm::webhook {

// Those that have the label kWorkspacesLabel.
WatchedResource namespace_resource();

struct NamespaceStore {
  bool put(simdjson::dom::element ns);
  bool erase(simdjson::dom::element ns);

  KnownNamespaces namespaces;
};

class NamespaceWatcher : public StoreWatcher<NamespaceStore> {
 public:
  using OnNamespaces = std::function<void(std::shared_ptr<const KnownNamespaces>)>;

  NamespaceWatcher(boost::asio::any_io_executor executor, ClusterAccess access,
                   OnNamespaces on_namespaces, WatchLog log, WatchTuning tuning = {});
};

}  // namespace cvm::webhook
