// NodeMarker: writes to each node what it should carry (policies/nodes/node_marks.hpp), by
// server-side apply under a field manager of its own.
//
// A node is written only when it carries something else, at a bounded rate over all nodes, in an
// order of chance, so that two replicas seldom write the same node; what they write is the same.
// Where somebody else changes a mark again and again, the writes to that node become rare.
//
// Runs as one coroutine on the executor, which is one thread or a strand.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "policies/nodes/node_inventory.hpp"
#include "webhook/kubernetes/access/cluster_access.hpp"
#include "webhook/kubernetes/api/api_limits.hpp"
#include "webhook/kubernetes/api/list_watch.hpp"
#include "webhook/kubernetes/watchers/carried_marks.hpp"

namespace cvm::webhook {

struct MarkTuning {
  ApiLimits limits;
  double writes_per_second = 10;
  double burst = 50;  // writes that may come at once after a quiet time
  // Between two looks at all nodes; each is drawn from this to twice as long.
  std::chrono::milliseconds look_interval{500};
  // Until a node is written once more with the same marks; doubles from the first to the most.
  std::chrono::milliseconds again_first{10'000};
  std::chrono::milliseconds again_most{600'000};
  // Until the next write after one that failed.
  std::chrono::milliseconds backoff_first{500};
  std::chrono::milliseconds backoff_most{60'000};
  std::uint64_t seed = 0;  // 0: from the system
};

struct MarkStatus {
  std::uint64_t writes = 0;    // that the API server took
  std::uint64_t failures = 0;  // but for nodes that had gone, and conflicts
  std::string last_error;      // empty when the last write succeeded
};

class NodeMarker {
 public:
  // `carried` is read on the executor; it outlives the marker's last step there.
  NodeMarker(boost::asio::any_io_executor executor, ClusterAccess access,
             std::shared_ptr<const CarriedMarks> carried, WatchLog log, MarkTuning tuning = {});
  ~NodeMarker();
  NodeMarker(const NodeMarker&) = delete;
  NodeMarker& operator=(const NodeMarker&) = delete;

  // All on the executor's thread. It is started once.
  void start();
  void stop();
  // What nodes are to be marked with from now on; null: they stay as they are.
  void use(std::shared_ptr<const NodeInventory> nodes);
  const MarkStatus& status() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace cvm::webhook
