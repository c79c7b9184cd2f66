#include "webhook/kubernetes/api/list_watch.hpp"

#include <fmt/format.h>

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <mutex>
#include <random>
#include <utility>

#include "webhook/kubernetes/api/api_connection.hpp"
#include "webhook/kubernetes/api/backoff.hpp"
#include "webhook/kubernetes/api/list_pages.hpp"
#include "webhook/kubernetes/api/watch_events.hpp"

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

std::uint64_t seed_of(const WatchTuning& tuning) {
  return tuning.seed != 0 ? tuning.seed : std::random_device{}();
}

// How a list or a watch ended.
struct Outcome {
  std::string error;  // empty: as it should
  bool list_anew = false;
  bool unauthorized = false;   // retried slowly: somebody has to act first
  bool refused_watch = false;  // the server was there and gave no watch from this version
};

Outcome failed(const ApiError& error, bool list_anew) {
  return {error.message, list_anew, error.status == 401 || error.status == 403};
}

}  // namespace

struct ListWatch::State : std::enable_shared_from_this<ListWatch::State> {
  State(asio::any_io_executor strand_in, ClusterAccess access_in, WatchedResource resource_in,
        std::shared_ptr<ObjectReceiver> receiver_in, WatchLog log_in, WatchTuning tuning_in)
      : strand(std::move(strand_in)),
        access(std::move(access_in)),
        resource(std::move(resource_in)),
        receiver(std::move(receiver_in)),
        log(std::move(log_in)),
        tuning(std::move(tuning_in)),
        backoff(tuning.backoff_first, tuning.backoff_most, seed_of(tuning)),
        retry_timer(strand) {}

  static asio::awaitable<void> run(std::shared_ptr<State> self);
  asio::awaitable<Outcome> attempt();
  asio::awaitable<Outcome> list(std::shared_ptr<ApiConnection> api);
  asio::awaitable<Outcome> watch(std::shared_ptr<ApiConnection> api);
  asio::awaitable<Outcome> read_events(std::shared_ptr<ApiConnection> api);
  asio::awaitable<void> wait(milliseconds delay);
  std::optional<Outcome> apply(std::string_view line);
  milliseconds note(const Outcome& outcome);
  void confirm();

  template <typename Change>
  void update_status(Change change) {
    const std::lock_guard lock(status_mutex);
    change(status);
  }

  const asio::any_io_executor strand;
  const ClusterAccess access;
  const WatchedResource resource;
  const std::shared_ptr<ObjectReceiver> receiver;
  const WatchLog log;
  const WatchTuning tuning;
  std::atomic<bool> stopped = false;

  mutable std::mutex status_mutex;
  WatchStatus status;

  // Below: on the strand only.
  Backoff backoff;
  asio::steady_timer retry_timer;
  std::shared_ptr<ApiConnection> connection;
  simdjson::dom::parser parser;  // of events
  std::string resource_version;  // empty: list before the next watch
  bool listed_once = false;
  int watch_failures = 0;  // in a row
  int refusals = 0;        // 401 and 403, in a row
};

asio::awaitable<void> ListWatch::State::run(std::shared_ptr<State> self) {
  while (!self->stopped) {
    Outcome outcome;
    try {
      outcome = co_await self->attempt();
    } catch (const std::exception& fault) {
      outcome = {fmt::format("watching {}: {}", self->resource.objects, fault.what()), true};
    }
    self->connection.reset();
    if (self->stopped) break;
    const milliseconds delay = self->note(outcome);
    if (delay > milliseconds::zero()) co_await self->wait(delay);
  }
}

asio::awaitable<Outcome> ListWatch::State::attempt() {
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

asio::awaitable<Outcome> ListWatch::State::list(std::shared_ptr<ApiConnection> api) {
  const ApiResult<ListOutcome> found = co_await fetch_list(api, resource, receiver);
  if (stopped) co_return Outcome{};
  if (!found) co_return failed(found.error(), true);
  for (const std::string& line : found->skipped) log(true, fmt::format("{}; it is left out", line));
  resource_version = found->resource_version;
  listed_once = true;
  watch_failures = 0;
  // What was listed is handed on before the status says that it is there.
  confirm();
  update_status([](WatchStatus& now) {
    now.synced = true;
    ++now.lists;
  });
  log(false,
      fmt::format("listed {} {} at version {}", found->count, resource.objects, resource_version));
  co_return Outcome{};
}

asio::awaitable<Outcome> ListWatch::State::watch(std::shared_ptr<ApiConnection> api) {
  std::string target =
      fmt::format("{}?watch=true&allowWatchBookmarks=true&resourceVersion={}&timeoutSeconds={}",
                  resource.path, resource_version, tuning.watch_timeout.count());
  if (!resource.selector.empty()) target += "&" + resource.selector;
  const ApiResult<void> started = co_await api->start_get(target);
  if (!started) {
    const unsigned status_code = started.error().status;
    const bool server_busy = status_code == 0 || status_code == 429 || status_code >= 500;
    Outcome refused = failed(started.error(), !server_busy);
    refused.refused_watch = status_code != 0;
    co_return refused;
  }
  update_status([](WatchStatus& now) {
    ++now.watches;
    now.last_error.clear();
  });
  Outcome outcome = co_await read_events(api);
  co_return outcome;
}

asio::awaitable<Outcome> ListWatch::State::read_events(std::shared_ptr<ApiConnection> api) {
  const steady_clock::time_point began = steady_clock::now();
  LineSplitter lines(tuning.line_limit);
  bool any_event = false;
  for (;;) {
    const ApiResult<std::string> piece = co_await api->read_piece();
    if (stopped) co_return Outcome{};
    if (!piece) co_return failed(piece.error(), false);
    if (piece->empty()) break;
    lines.append(*piece);
    std::optional<Outcome> end;
    while (const std::optional<std::string_view> line = end ? std::nullopt : lines.next()) {
      any_event = true;
      end = apply(*line);
    }
    receiver->end_events();
    if (end) co_return *end;
    if (lines.too_long()) {
      co_return Outcome{fmt::format("a watch event has more than {} bytes; listing the {} instead",
                                    tuning.line_limit, resource.objects),
                        true};
    }
  }
  if (!any_event && steady_clock::now() - began < kShortestWatch) {
    co_return Outcome{
        .error = fmt::format("the API server ended a watch of {} at once", resource.objects),
        .refused_watch = true};
  }
  // Its time was over, so all that happened was sent.
  backoff.reset();
  confirm();
  co_return Outcome{};
}

// Takes over one event; says how the watch ends when it cannot go on after it.
std::optional<Outcome> ListWatch::State::apply(std::string_view line) {
  const Result<WatchEvent> event = decode_watch_event(line, parser);
  const std::string& objects = resource.objects;
  if (!event) {
    return Outcome{fmt::format("{}; listing the {} anew", event.error().message, objects), true};
  }
  switch (event->type) {
    case WatchEvent::Type::kError:
      return Outcome{fmt::format("the API server ended a watch of {}: {} {}", objects, event->code,
                                 event->message),
                     true};
    case WatchEvent::Type::kDelete:
      receiver->erase(event->object);
      break;
    case WatchEvent::Type::kPut:
      if (const std::string fault = receiver->put(event->object); !fault.empty()) {
        log(true, fmt::format("{} {}: {}; it is left out", resource.object, event->name, fault));
      }
      break;
    case WatchEvent::Type::kBookmark:
      break;
  }
  resource_version = event->resource_version;
  watch_failures = 0;
  backoff.reset();
  update_status([](WatchStatus& now) { ++now.events; });
  confirm();
  return std::nullopt;
}

// Keeps what an attempt came to; returns how long to wait before the next.
milliseconds ListWatch::State::note(const Outcome& outcome) {
  if (outcome.error.empty()) {
    refusals = 0;
    update_status([](WatchStatus& now) { now.last_error.clear(); });
    return milliseconds::zero();
  }
  // A server that is away for a while still knows the version when it is back.
  watch_failures += outcome.refused_watch ? 1 : 0;
  if (outcome.list_anew || watch_failures >= kWatchFailuresBeforeList) resource_version.clear();
  update_status([&](WatchStatus& now) {
    ++now.errors;
    now.last_error = outcome.error;
  });
  refusals = outcome.unauthorized ? refusals + 1 : 0;
  const bool meant = outcome.unauthorized && (!listed_once || refusals > kForgivenRefusals);
  const milliseconds delay = meant ? backoff.draw(tuning.unauthorized_delay) : backoff.next();
  log(true, fmt::format("{}; next attempt in {} ms", outcome.error, delay.count()));
  return delay;
}

asio::awaitable<void> ListWatch::State::wait(milliseconds delay) {
  boost::system::error_code ignored;
  retry_timer.expires_after(delay);
  co_await retry_timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

void ListWatch::State::confirm() {
  update_status([this](WatchStatus& now) { now.confirmed_at = tuning.now(); });
}

ListWatch::ListWatch(asio::any_io_executor strand, ClusterAccess access, WatchedResource resource,
                     std::shared_ptr<ObjectReceiver> receiver, WatchLog log, WatchTuning tuning)
    : state_(std::make_shared<State>(std::move(strand), std::move(access), std::move(resource),
                                     std::move(receiver), std::move(log), std::move(tuning))) {}

ListWatch::~ListWatch() { stop(); }

void ListWatch::start() { asio::co_spawn(state_->strand, State::run(state_), asio::detached); }

void ListWatch::stop() {
  if (state_->stopped.exchange(true)) return;
  asio::dispatch(state_->strand, [state = state_] {
    if (state->connection) state->connection->close();
    state->retry_timer.cancel();
  });
}

WatchStatus ListWatch::status() const {
  const std::lock_guard lock(state_->status_mutex);
  return state_->status;
}

}  // namespace cvm::webhook
