// ClusterSource: what decisions need of an API server besides nodes: the RuntimeClasses of CVMs,
// the CVMs and the pods that are about to be bound, what the labels of namespaces say, and which
// claims are directories of a node.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <optional>
#include <string>

#include "webhook/kubernetes/access/cluster_access.hpp"
#include "webhook/kubernetes/watchers/namespace_watcher.hpp"
#include "webhook/kubernetes/watchers/persistent_volume_watcher.hpp"
#include "webhook/kubernetes/watchers/pod_watcher.hpp"
#include "webhook/kubernetes/watchers/runtime_class_watcher.hpp"
#include "webhook/server/readiness.hpp"
#include "webhook/server/serve_options.hpp"
#include "webhook/server/snapshot_keeper.hpp"

namespace cvm::webhook {

// The API server that the options name; nothing when they name none. Throws when it cannot be used.
std::optional<ClusterAccess> cluster_access(const ServeOptions& options);

// All on the executor, which is one thread.
class ClusterSource {
 public:
  // Tells `snapshots`, which are there for as long as this is.
  ClusterSource(const boost::asio::any_io_executor& executor, const ServeOptions& options,
                SnapshotKeeper& snapshots, EventLog& log);

  void start();
  void stop();
  // After the settings may have changed, and from time to time: they name RuntimeClasses.
  void update(Readiness& readiness);

 private:
  void use_runtime_classes();
  void report_runtime_classes(Readiness& readiness);

  SnapshotKeeper& snapshots_;
  EventLog& log_;
  // All or none.
  std::unique_ptr<RuntimeClassWatcher> classes_;
  std::unique_ptr<PodWatcher> pods_;
  std::unique_ptr<NamespaceWatcher> namespaces_;
  std::unique_ptr<PersistentVolumeWatcher> volumes_;
  std::string told_;  // the last problems that the log told
};

}  // namespace cvm::webhook
