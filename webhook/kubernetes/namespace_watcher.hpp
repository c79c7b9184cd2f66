// NamespaceWatcher: which namespaces Pod Security Admission holds to a level.
#pragma once

#include <functional>
#include <memory>

#include "policies/model/pod_security_labels.hpp"
#include "webhook/kubernetes/store_watcher.hpp"

namespace cvm::webhook {

struct PodSecurityLabelStore {
  bool put(simdjson::dom::element ns);
  bool erase(simdjson::dom::element ns);

  PodSecurityLabels levels;
};

class NamespaceWatcher : public StoreWatcher<PodSecurityLabelStore> {
 public:
  using OnLabels = std::function<void(std::shared_ptr<const PodSecurityLabels>)>;

  NamespaceWatcher(boost::asio::any_io_executor executor, ClusterAccess access, OnLabels on_labels,
                   WatchLog log, WatchTuning tuning = {});
};

}  // namespace cvm::webhook
