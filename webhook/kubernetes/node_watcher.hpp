// NodeWatcher: keeps a copy of the cluster's nodes by list and watch, and hands it on when the
// facts of a node changed.
//
// Runs as coroutines on the given executor, all on one thread. A list goes by pages of 500; a watch
// starts at its resourceVersion, asks for bookmarks, and goes on after dropped connections; 410
// Gone lists anew. Retries back off exponentially with jitter.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "policies/model/node_facts.hpp"
#include "webhook/kubernetes/cluster_access.hpp"

namespace cvm::webhook {

struct NodeWatchStatus {
  bool synced = false;  // one list has been complete
  // The last time the API server confirmed the copy: list, event or bookmark.
  std::optional<std::chrono::steady_clock::time_point> confirmed_at;
  std::string last_error;  // empty when the last attempt succeeded
  std::uint64_t lists = 0, watches = 0, events = 0, errors = 0;
};

class NodeWatcher {
 public:
  using OnNodes = std::function<void(std::vector<NodeFacts>)>;
  using Log = std::function<void(bool is_error, const std::string& line)>;

  // `on_nodes` is called on the executor, after the first list and then after changes, several of
  // which may be brought together (at most one call each `min_interval`).
  NodeWatcher(boost::asio::any_io_executor executor, ClusterAccess access, OnNodes on_nodes,
              Log log, std::chrono::milliseconds min_interval = std::chrono::milliseconds{250});
  ~NodeWatcher();

  void start();
  void stop();  // closes the connection and ends the coroutines
  const NodeWatchStatus& status() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace cvm::webhook
