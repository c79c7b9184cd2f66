// NodeWatcher: keeps a copy of the cluster's nodes by list and watch, and hands it on when the
// facts of a node changed.
//
// Runs as coroutines on a strand of the given executor. A list goes by pages of 500; a watch
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
#include "webhook/kubernetes/api_limits.hpp"
#include "webhook/kubernetes/cluster_access.hpp"

namespace cvm::webhook {

struct NodeWatchStatus {
  bool synced = false;  // one list has been complete
  // The last time the API server confirmed the copy: list, event or bookmark.
  std::optional<std::chrono::steady_clock::time_point> confirmed_at;
  std::string last_error;  // empty when the last attempt succeeded
  std::uint64_t lists = 0, watches = 0, events = 0, errors = 0;
};

struct NodeWatchTuning {
  ApiLimits limits;
  std::chrono::milliseconds backoff_first{500};
  std::chrono::milliseconds backoff_most{30'000};
  std::chrono::milliseconds unauthorized_delay{60'000};  // after 401 and 403 that are meant
  std::chrono::seconds watch_timeout{240};  // below the age at which nodes count as stale
  std::size_t line_limit = 8 << 20;         // bytes of one event; etcd holds 1.5 MiB an object
  std::uint64_t seed = 0;                   // of the jitter; 0: from the system
  std::function<std::chrono::steady_clock::time_point()> now = std::chrono::steady_clock::now;
};

class NodeWatcher {
 public:
  using OnNodes = std::function<void(std::vector<NodeFacts>)>;
  using Log = std::function<void(bool is_error, const std::string& line)>;

  // `on_nodes` and `log` are called on the strand, one at a time: `on_nodes` after the first list
  // and then after changes, several of which may be brought together (at most one call each
  // `min_interval`). None is begun after stop().
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

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace cvm::webhook
