// PodWatcher: keeps a copy of the cluster's CVMs and of the pods that no node was chosen for yet,
// and hands it on when it changed: at once, as a pod is bound within milliseconds of its creation.
#pragma once

#include <functional>
#include <memory>

#include "policies/model/known_pods.hpp"
#include "webhook/kubernetes/watchers/store_watcher.hpp"

namespace cvm::webhook {

struct KnownPodStore {
  bool put(simdjson::dom::element pod);
  bool erase(simdjson::dom::element pod);

  KnownPods pods;
};

class PodWatcher : public StoreWatcher<KnownPodStore> {
 public:
  using OnPods = std::function<void(std::shared_ptr<const KnownPods>)>;

  PodWatcher(boost::asio::any_io_executor executor, ClusterAccess access, OnPods on_pods,
             WatchLog log, WatchTuning tuning = {});
};

}  // namespace cvm::webhook
