// ListWatch: tells a receiver of all objects of a resource, by list and watch, for as long as it
// runs.
//
// Runs as coroutines on a strand of the given executor. A list goes by pages of 500; a watch
// starts at its resourceVersion, asks for bookmarks, and goes on after dropped connections; 410
// Gone, also between two pages, lists anew. Retries back off exponentially with jitter.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "webhook/kubernetes/access/cluster_access.hpp"
#include "webhook/kubernetes/api/api_limits.hpp"
#include "webhook/kubernetes/api/watched_resource.hpp"

namespace cvm::webhook {

struct WatchStatus {
  bool synced = false;  // one list has been complete
  // The last time the API server confirmed what is known: list, event or bookmark.
  std::optional<std::chrono::steady_clock::time_point> confirmed_at;
  std::string last_error;  // empty when the last attempt succeeded
  std::uint64_t lists = 0, watches = 0, events = 0, errors = 0;
};

struct WatchTuning {
  ApiLimits limits;
  std::chrono::milliseconds backoff_first{500};
  std::chrono::milliseconds backoff_most{30'000};
  std::chrono::milliseconds unauthorized_delay{60'000};  // after 401 and 403 that are meant
  std::chrono::seconds watch_timeout{240};  // below the age at which nodes count as stale
  std::size_t line_limit = 8 << 20;         // bytes of one event; etcd holds 1.5 MiB an object
  std::uint64_t seed = 0;                   // of the jitter; 0: from the system
  std::function<std::chrono::steady_clock::time_point()> now = std::chrono::steady_clock::now;
};

using WatchLog = std::function<void(bool is_error, const std::string& line)>;

class ListWatch {
 public:
  // `receiver` and `log` are called on `strand`, one at a time, and not after stop() was seen
  // there.
  ListWatch(boost::asio::any_io_executor strand, ClusterAccess access, WatchedResource resource,
            std::shared_ptr<ObjectReceiver> receiver, WatchLog log, WatchTuning tuning = {});
  ~ListWatch();
  ListWatch(const ListWatch&) = delete;
  ListWatch& operator=(const ListWatch&) = delete;

  // All three from any thread. It is started once.
  void start();
  void stop();  // closes the connection and ends the coroutines, on the strand
  WatchStatus status() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace cvm::webhook
