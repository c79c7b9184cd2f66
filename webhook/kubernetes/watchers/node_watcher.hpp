// NodeWatcher: keeps a copy of the cluster's nodes by list and watch, and hands it on when the
// facts of a node changed.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "policies/nodes/node_catalog.hpp"
#include "webhook/kubernetes/access/cluster_access.hpp"
#include "webhook/kubernetes/api/list_watch.hpp"
#include "webhook/kubernetes/watchers/carried_marks.hpp"

namespace cvm::webhook {

using NodeWatchStatus = WatchStatus;
using NodeWatchTuning = WatchTuning;

WatchedResource node_resource();

class NodeWatcher {
 public:
  using OnNodes = std::function<void(std::shared_ptr<const NodeCatalog>)>;
  using Log = WatchLog;

  // `on_nodes` and `log` are called on a strand of `executor`, one at a time: `on_nodes` after the
  // first list and then after changes, several of which may be brought together (at most one call
  // each `min_interval`). None is begun after stop().
  NodeWatcher(const boost::asio::any_io_executor& executor, ClusterAccess access, OnNodes on_nodes,
              Log log, std::chrono::milliseconds min_interval = std::chrono::milliseconds{250},
              NodeWatchTuning tuning = {});
  ~NodeWatcher();
  NodeWatcher(const NodeWatcher&) = delete;
  NodeWatcher& operator=(const NodeWatcher&) = delete;

  // All three from any thread. A watcher is started once.
  void start();
  void stop();  // closes the connection and ends the coroutines, on the strand
  NodeWatchStatus status() const;

  // On the strand: kept up to date there as events come, also those that change no fact.
  std::shared_ptr<const CarriedMarks> carried_marks() const;

 private:
  class Receiver;
  std::shared_ptr<Receiver> receiver_;
  ListWatch list_watch_;
};

}  // namespace cvm::webhook
