#include "webhook/kubernetes/node_watcher.hpp"

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <mutex>
#include <random>
#include <utility>

#include "webhook/kubernetes/api_connection.hpp"
#include "webhook/kubernetes/backoff.hpp"
#include "webhook/kubernetes/node_copy.hpp"
#include "webhook/kubernetes/node_list.hpp"
#include "webhook/kubernetes/watch_events.hpp"

namespace cvm::webhook {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

// A version that the server keeps refusing to watch from may be one that it never had, as after a
// restore of etcd from a backup.
constexpr int kWatchFailuresBeforeList = 3;

// An API server that starts refuses everyone until it has read its roles. Who was let in before is
// refused that often, in a row, before it counts as meant.
constexpr int kForgivenRefusals = 5;

// A watch that ends within it without an event did not do its work (as client-go judges).
constexpr std::chrono::seconds kShortestWatch{1};

std::uint64_t seed_of(const NodeWatchTuning& tuning) {
  return tuning.seed != 0 ? tuning.seed : std::random_device{}();
}

// How a list or a watch ended.
struct Outcome {
  std::string error;  // empty: as it should
  bool list_anew = false;
  bool unauthorized = false;  // retried slowly: somebody has to act first
};

Outcome failed(const ApiError& error, bool list_anew) {
  return {error.message, list_anew, error.status == 401 || error.status == 403};
}

}  // namespace

struct NodeWatcher::State : std::enable_shared_from_this<NodeWatcher::State> {
  State(const asio::any_io_executor& executor, ClusterAccess access_in, OnNodes on_nodes_in,
        Log log_in, milliseconds min_interval_in, NodeWatchTuning tuning_in)
      : strand(asio::make_strand(executor)),
        access(std::move(access_in)),
        on_nodes(std::move(on_nodes_in)),
        log(std::move(log_in)),
        min_interval(min_interval_in),
        tuning(std::move(tuning_in)),
        backoff(tuning.backoff_first, tuning.backoff_most, seed_of(tuning)),
        retry_timer(strand),
        delivery_timer(strand) {}

  static asio::awaitable<void> run(std::shared_ptr<State> self);
  asio::awaitable<Outcome> attempt();
  asio::awaitable<Outcome> list(std::shared_ptr<ApiConnection> api);
  asio::awaitable<Outcome> watch(std::shared_ptr<ApiConnection> api);
  asio::awaitable<Outcome> read_events(std::shared_ptr<ApiConnection> api);
  asio::awaitable<void> wait(milliseconds delay);
  std::optional<Outcome> apply(std::string_view line);
  milliseconds note(const Outcome& outcome);
  void changed();
  void deliver();
  void confirm();

  template <typename Change>
  void update_status(Change change) {
    const std::lock_guard lock(status_mutex);
    change(status);
  }

  asio::strand<asio::any_io_executor> strand;
  const ClusterAccess access;
  const OnNodes on_nodes;
  const Log log;
  const milliseconds min_interval;
  const NodeWatchTuning tuning;
  std::atomic<bool> stopped = false;

  mutable std::mutex status_mutex;
  NodeWatchStatus status;

  // Below: on the strand only.
  Backoff backoff;
  asio::steady_timer retry_timer, delivery_timer;
  std::shared_ptr<ApiConnection> connection;
  NodeCopy copy;
  std::string resource_version;  // empty: list before the next watch
  int watch_failures = 0;        // in a row
  int refusals = 0;              // 401 and 403, in a row
  bool delivery_pending = false;
  std::optional<steady_clock::time_point> delivered_at;
};

asio::awaitable<void> NodeWatcher::State::run(std::shared_ptr<State> self) {
  while (!self->stopped) {
    Outcome outcome;
    try {
      outcome = co_await self->attempt();
    } catch (const std::exception& fault) {
      outcome = {std::string("watching nodes: ") + fault.what(), true, false};
    }
    self->connection.reset();
    if (self->stopped) break;
    const milliseconds delay = self->note(outcome);
    if (delay > milliseconds::zero()) co_await self->wait(delay);
  }
}

asio::awaitable<Outcome> NodeWatcher::State::attempt() {
  // A connection each: the token is read anew, and a load balancer may choose anew.
  const auto api = std::make_shared<ApiConnection>(strand, access, tuning.limits);
  connection = api;
  const ApiResult<void> opened = co_await api->open();
  if (!opened) co_return failed(opened.error(), false);
  Outcome outcome;
  if (resource_version.empty()) {
    outcome = co_await list(api);
  } else {
    outcome = co_await watch(api);
  }
  co_return outcome;
}

asio::awaitable<Outcome> NodeWatcher::State::list(std::shared_ptr<ApiConnection> api) {
  ApiResult<NodeList> found = co_await fetch_node_list(api);
  if (stopped) co_return Outcome{};
  if (!found) co_return failed(found.error(), true);
  for (const std::string& line : found->skipped) log(true, line + "; it is left out");
  const std::size_t count = found->nodes.size();
  const bool differs = copy.replace(std::move(found->nodes));
  resource_version = found->resource_version;
  watch_failures = 0;
  // The first list is handed on before the status says that it is there.
  if (!delivered_at) {
    deliver();
  } else if (differs) {
    changed();
  }
  confirm();
  update_status([](NodeWatchStatus& now) {
    now.synced = true;
    ++now.lists;
  });
  log(false, "listed " + std::to_string(count) + " nodes at version " + resource_version);
  co_return Outcome{};
}

asio::awaitable<Outcome> NodeWatcher::State::watch(std::shared_ptr<ApiConnection> api) {
  const std::string target =
      "/api/v1/nodes?watch=true&allowWatchBookmarks=true&resourceVersion=" + resource_version +
      "&timeoutSeconds=" + std::to_string(tuning.watch_timeout.count());
  const ApiResult<void> started = co_await api->start_get(target);
  if (!started) {
    const unsigned status_code = started.error().status;
    const bool server_busy = status_code == 0 || status_code == 429 || status_code >= 500;
    co_return failed(started.error(), !server_busy);
  }
  update_status([](NodeWatchStatus& now) {
    ++now.watches;
    now.last_error.clear();
  });
  Outcome outcome = co_await read_events(api);
  co_return outcome;
}

asio::awaitable<Outcome> NodeWatcher::State::read_events(std::shared_ptr<ApiConnection> api) {
  const steady_clock::time_point began = steady_clock::now();
  LineSplitter lines(tuning.line_limit);
  bool any_event = false;
  for (;;) {
    const ApiResult<std::string> piece = co_await api->read_piece();
    if (stopped) co_return Outcome{};
    if (!piece) co_return failed(piece.error(), false);
    if (piece->empty()) break;
    lines.append(*piece);
    while (const std::optional<std::string_view> line = lines.next()) {
      any_event = true;
      const std::optional<Outcome> end = apply(*line);
      if (end) co_return *end;
    }
    if (lines.too_long()) {
      co_return Outcome{"a watch event has more than " + std::to_string(tuning.line_limit) +
                            " bytes; listing the nodes instead",
                        true, false};
    }
  }
  if (!any_event && steady_clock::now() - began < kShortestWatch) {
    co_return Outcome{"the API server ended a watch of nodes at once", false, false};
  }
  // Its time was over, so all that happened was sent.
  backoff.reset();
  confirm();
  co_return Outcome{};
}

// Takes over one event; says how the watch ends when it cannot go on after it.
std::optional<Outcome> NodeWatcher::State::apply(std::string_view line) {
  Result<WatchEvent> event = decode_watch_event(line);
  if (!event) return Outcome{event.error().message + "; listing the nodes anew", true, false};
  if (event->type == WatchEvent::Type::kError) {
    return Outcome{"the API server ended a watch of nodes: " + std::to_string(event->code) + " " +
                       event->message,
                   true, false};
  }
  bool differs = false;
  if (event->type == WatchEvent::Type::kDelete || !event->unreadable.empty()) {
    differs = copy.erase(event->node.name);
    if (!event->unreadable.empty()) {
      log(true, "node " + event->node.name + ": " + event->unreadable + "; it is left out");
    }
  } else if (event->type == WatchEvent::Type::kPut) {
    differs = copy.put(std::move(event->node));
  }
  resource_version = event->resource_version;
  watch_failures = 0;
  backoff.reset();
  update_status([](NodeWatchStatus& now) { ++now.events; });
  confirm();
  if (differs) changed();
  return std::nullopt;
}

// Keeps what an attempt came to; returns how long to wait before the next.
milliseconds NodeWatcher::State::note(const Outcome& outcome) {
  if (outcome.error.empty()) {
    refusals = 0;
    update_status([](NodeWatchStatus& now) { now.last_error.clear(); });
    return milliseconds::zero();
  }
  if (outcome.list_anew || ++watch_failures >= kWatchFailuresBeforeList) resource_version.clear();
  update_status([&](NodeWatchStatus& now) {
    ++now.errors;
    now.last_error = outcome.error;
  });
  refusals = outcome.unauthorized ? refusals + 1 : 0;
  const bool meant = outcome.unauthorized && (!delivered_at || refusals > kForgivenRefusals);
  const milliseconds delay = meant ? backoff.draw(tuning.unauthorized_delay) : backoff.next();
  log(true, outcome.error + "; next attempt in " + std::to_string(delay.count()) + " ms");
  return delay;
}

asio::awaitable<void> NodeWatcher::State::wait(milliseconds delay) {
  boost::system::error_code ignored;
  retry_timer.expires_after(delay);
  co_await retry_timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

void NodeWatcher::State::changed() {
  if (delivery_pending) return;
  delivery_pending = true;
  delivery_timer.expires_at(delivered_at.value_or(steady_clock::time_point::min()) + min_interval);
  delivery_timer.async_wait([self = shared_from_this()](boost::system::error_code error) {
    if (!error) self->deliver();
  });
}

void NodeWatcher::State::deliver() {
  delivery_pending = false;
  if (stopped) return;
  delivered_at = steady_clock::now();
  on_nodes(copy.all());
}

void NodeWatcher::State::confirm() {
  update_status([this](NodeWatchStatus& now) { now.confirmed_at = tuning.now(); });
}

NodeWatcher::NodeWatcher(const asio::any_io_executor& executor, ClusterAccess access,
                         OnNodes on_nodes, Log log, milliseconds min_interval,
                         NodeWatchTuning tuning)
    : state_(std::make_shared<State>(executor, std::move(access), std::move(on_nodes),
                                     std::move(log), min_interval, std::move(tuning))) {}

NodeWatcher::~NodeWatcher() { stop(); }

void NodeWatcher::start() { asio::co_spawn(state_->strand, State::run(state_), asio::detached); }

void NodeWatcher::stop() {
  if (state_->stopped.exchange(true)) return;
  asio::dispatch(state_->strand, [state = state_] {
    if (state->connection) state->connection->close();
    state->retry_timer.cancel();
    state->delivery_timer.cancel();
  });
}

NodeWatchStatus NodeWatcher::status() const {
  const std::lock_guard lock(state_->status_mutex);
  return state_->status;
}

}  // namespace cvm::webhook
