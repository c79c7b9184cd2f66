// PodWatcher: keeps a copy of the pods that no node was chosen for yet, and hands it on when
// it changed: at once, as a pod is bound within milliseconds of its creation.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>

#include "policies/model/known_pods.hpp"
#include "webhook/kubernetes/list_watch.hpp"

namespace cvm::webhook {

// What of a Pod object a binding depends on.
KnownPod read_known_pod(simdjson::dom::element pod);

class PodWatcher {
 public:
  using OnPods = std::function<void(std::shared_ptr<const KnownPods>)>;

  // `executor` is one thread or a strand; `on_pods` is called there, not after stop() was.
  PodWatcher(boost::asio::any_io_executor executor, ClusterAccess access, OnPods on_pods,
                    WatchLog log, WatchTuning tuning = {});
  ~PodWatcher();

  void start();
  void stop();
  WatchStatus status() const;

 private:
  class Receiver;
  std::shared_ptr<Receiver> receiver_;
  ListWatch list_watch_;
};

}  // namespace cvm::webhook
