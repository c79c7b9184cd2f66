// RuntimeClassWatcher: keeps a copy of the cluster's RuntimeClasses, and tells when one changed.
// All of them: there are few, and the settings may name another at any time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "policies/model/runtime_class_facts.hpp"
#include "webhook/kubernetes/watchers/store_watcher.hpp"

namespace cvm::webhook {

WatchedResource runtime_class_resource();

// A RuntimeClass object of node.k8s.io/v1; fields of a wrong type count as absent.
RuntimeClassFacts read_runtime_class(simdjson::dom::element object);

struct RuntimeClassStore {
  bool put(simdjson::dom::element object);
  bool erase(simdjson::dom::element object);

  std::map<std::string, RuntimeClassFacts> classes;
};

class RuntimeClassWatcher : public StoreWatcher<RuntimeClassStore> {
 public:
  RuntimeClassWatcher(boost::asio::any_io_executor executor, ClusterAccess access,
                      std::function<void()> on_change, WatchLog log, WatchTuning tuning = {});

  // The class of that name, `found` or not; null before the first list. On the executor.
  std::shared_ptr<const RuntimeClassFacts> find(const std::string& name) const;
};

}  // namespace cvm::webhook
