// RuntimeClassWatcher: keeps a copy of the cluster's RuntimeClasses, and tells when one changed.
// All of them: there are few, and the settings may name another at any time.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "policies/model/runtime_class_facts.hpp"
#include "webhook/kubernetes/api/list_watch.hpp"

namespace cvm::webhook {

WatchedResource runtime_class_resource();

// A RuntimeClass object of node.k8s.io/v1; fields of a wrong type count as absent.
RuntimeClassFacts read_runtime_class(simdjson::dom::element object);

class RuntimeClassWatcher {
 public:
  // `executor` is one thread or a strand; `on_change` is called there, not after stop() was.
  RuntimeClassWatcher(boost::asio::any_io_executor executor, ClusterAccess access,
                      std::function<void()> on_change, WatchLog log, WatchTuning tuning = {});
  ~RuntimeClassWatcher();

  void start();
  void stop();
  WatchStatus status() const;

  // The class of that name, `found` or not; null before the first list. On the executor.
  std::shared_ptr<const RuntimeClassFacts> find(const std::string& name) const;

 private:
  class Receiver;
  std::shared_ptr<Receiver> receiver_;
  ListWatch list_watch_;
};

}  // namespace cvm::webhook
