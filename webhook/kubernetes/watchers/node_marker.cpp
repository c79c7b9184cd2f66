#include "webhook/kubernetes/watchers/node_marker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <nlohmann/json.hpp>
#include <random>
#include <utility>
#include <vector>

#include "webhook/kubernetes/api/api_connection.hpp"
#include "webhook/kubernetes/api/backoff.hpp"
#include "webhook/kubernetes/watchers/mark_pace.hpp"

namespace cvm::webhook {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kMostAnswerBytes = 4 << 20;  // a Node; etcd holds 1.5 MiB an object

struct Task {
  std::string node;
  NodeMarks marks;
};

std::string target_of(const std::string& node) {
  return fmt::format("/api/v1/nodes/{}?fieldManager=cvm-webhook&force=true", node);
}

// Server-side apply: what we own and leave out is removed.
std::string body_of(const Task& task) {
  nlohmann::json metadata = {{"name", task.node},
                             {"labels",
                              {{std::string(kCvmNodeLabel), task.marks.cvm},
                               {std::string(kCvmGpuNodeLabel), task.marks.cvm_gpu}}}};
  if (!task.marks.reasons.empty()) {
    metadata["annotations"] = {{std::string(kCvmReasonsAnnotation), task.marks.reasons}};
  }
  // Kernel and system texts come from the node and need not be UTF-8.
  return nlohmann::json{{"apiVersion", "v1"}, {"kind", "Node"}, {"metadata", metadata}}.dump(
      -1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// The node has gone. An apply to one that is not there would create it, which we may not.
bool has_gone(const ApiError& error) {
  return error.status == 404 ||
         (error.status == 403 && error.message.find("cannot create resource") != std::string::npos);
}

}  // namespace

struct NodeMarker::State : std::enable_shared_from_this<NodeMarker::State> {
  State(asio::any_io_executor executor_in, ClusterAccess access_in,
        std::shared_ptr<const CarriedMarks> carried_in, WatchLog log_in, MarkTuning tuning_in)
      : executor(std::move(executor_in)),
        access(std::move(access_in)),
        carried(std::move(carried_in)),
        log(std::move(log_in)),
        tuning(tuning_in),
        seed(tuning.seed != 0 ? tuning.seed : std::random_device{}()),
        random(seed),
        look_delay(tuning.look_interval, tuning.look_interval, seed),
        backoff(tuning.backoff_first, tuning.backoff_most, seed),
        bucket(tuning.writes_per_second, tuning.burst),
        written(tuning.again_first, tuning.again_most),
        timer(executor) {}

  static asio::awaitable<void> run(std::shared_ptr<State> self);
  std::vector<Task> look();
  bool is_due(const Task& task);
  asio::awaitable<void> write_all(std::vector<Task> tasks);
  asio::awaitable<bool> write(Task task);
  asio::awaitable<ApiResult<std::string>> apply(Task task);
  asio::awaitable<void> wait(milliseconds delay);

  const asio::any_io_executor executor;
  const ClusterAccess access;
  const std::shared_ptr<const CarriedMarks> carried;
  const WatchLog log;
  const MarkTuning tuning;
  const std::uint64_t seed;
  std::mt19937_64 random;
  Backoff look_delay, backoff;
  TokenBucket bucket;
  WrittenMarks written;
  asio::steady_timer timer;
  std::shared_ptr<ApiConnection> connection;  // null: none is open
  std::shared_ptr<const NodeInventory> nodes;
  MarkStatus status;
  bool stopped = false;
  // What the last look saw, and when nodes are due that were not then.
  std::shared_ptr<const NodeInventory> seen_nodes;
  std::uint64_t seen_version = 0;
  std::optional<steady_clock::time_point> look_again;
};

asio::awaitable<void> NodeMarker::State::run(std::shared_ptr<State> self) {
  while (!self->stopped) {
    co_await self->wait(self->look_delay.draw(2 * self->tuning.look_interval));
    if (self->stopped) break;
    try {
      std::vector<Task> tasks = self->look();
      if (!tasks.empty()) co_await self->write_all(std::move(tasks));
    } catch (const std::exception& fault) {
      self->log(true, std::string("marking nodes: ") + fault.what());
    }
  }
  self->connection.reset();
}

// The nodes to be written now, in an order of chance.
std::vector<Task> NodeMarker::State::look() {
  std::vector<Task> tasks;
  const steady_clock::time_point now = steady_clock::now();
  const bool changed = nodes != seen_nodes || carried->version() != seen_version;
  if (!nodes || (!changed && !(look_again && *look_again <= now))) return tasks;
  seen_nodes = nodes;
  seen_version = carried->version();
  look_again.reset();
  written.forget_old(now);
  for_each_desired_marks(
      *nodes, [&](const std::string& name, const NodeMarks& marks, std::uint64_t digest) {
        const auto carries = carried->of(name);
        if (carries && *carries != digest) tasks.push_back({name, marks});
      });
  std::erase_if(tasks, [this](const Task& task) { return !is_due(task); });
  std::shuffle(tasks.begin(), tasks.end(), random);
  return tasks;
}

bool NodeMarker::State::is_due(const Task& task) {
  const auto not_before = written.not_before(task.node, task.marks.digest());
  if (!not_before || *not_before <= steady_clock::now()) return true;
  look_again = std::min(look_again.value_or(*not_before), *not_before);
  return false;
}

asio::awaitable<void> NodeMarker::State::write_all(std::vector<Task> tasks) {
  std::size_t count = 0;
  const steady_clock::time_point began = steady_clock::now();
  for (Task& task : tasks) {
    for (milliseconds delay; (delay = bucket.take(steady_clock::now())) > milliseconds::zero();) {
      co_await wait(delay);
      if (stopped) co_return;
    }
    // What is to be written may have changed meanwhile; not looked at for each node, as on a big
    // cluster something always changes.
    const bool is_new_look_due = steady_clock::now() - began > 4 * tuning.look_interval;
    if (nodes != seen_nodes && (is_new_look_due || !nodes)) break;
    // The other replica may have been here.
    const auto carries = carried->of(task.node);
    if (!carries || *carries == task.marks.digest()) continue;
    const bool done = co_await write(std::move(task));
    if (stopped) co_return;
    if (!done) break;
    ++count;
  }
  if (count > 0) log(false, fmt::format("marked {} nodes", count));
}

// False when the next write had better wait; it has waited then.
asio::awaitable<bool> NodeMarker::State::write(Task task) {
  const ApiResult<std::string> answer = co_await apply(task);
  if (stopped) co_return false;
  const bool is_conflict = !answer && (answer.error().status == 409 || has_gone(answer.error()));
  if (answer || is_conflict) {
    written.note(task.node, task.marks.digest(), steady_clock::now());
    look_again = look_again.value_or(steady_clock::now() + tuning.again_first);
    backoff.reset();
    status.last_error.clear();
    if (answer) ++status.writes;
    if (is_conflict) connection.reset();
    co_return true;
  }
  ++status.failures;
  status.last_error = answer.error().message;
  connection.reset();
  look_again = steady_clock::now();
  const unsigned code = answer.error().status;
  const bool refused = code == 401 || code == 403;
  const milliseconds delay = refused ? backoff.draw(tuning.backoff_most) : backoff.next();
  log(true, fmt::format("marking node {}: {}; next attempt in {} ms", task.node, status.last_error,
                        delay.count()));
  co_await wait(delay);
  co_return false;
}

asio::awaitable<ApiResult<std::string>> NodeMarker::State::apply(Task task) {
  const std::string target = target_of(task.node);
  const std::string body = body_of(task);
  // The API server may have closed one that was idle: then once more over a new one.
  const bool was_open = connection != nullptr;
  for (int attempt = 0;; ++attempt) {
    if (!connection) {
      connection = std::make_shared<ApiConnection>(executor, access, tuning.limits);
      const ApiResult<void> opened = co_await connection->open();
      if (!opened) co_return opened.error();
    }
    const std::shared_ptr<ApiConnection> api = connection;
    ApiResult<std::string> answer = co_await api->apply(target, body, kMostAnswerBytes);
    const bool lost = !answer && answer.error().status == 0;
    if (!lost || !was_open || attempt > 0 || stopped) co_return answer;
    connection.reset();
  }
}

asio::awaitable<void> NodeMarker::State::wait(milliseconds delay) {
  boost::system::error_code ignored;
  timer.expires_after(delay);
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

NodeMarker::NodeMarker(asio::any_io_executor executor, ClusterAccess access,
                       std::shared_ptr<const CarriedMarks> carried, WatchLog log, MarkTuning tuning)
    : state_(std::make_shared<State>(std::move(executor), std::move(access), std::move(carried),
                                     std::move(log), tuning)) {}

NodeMarker::~NodeMarker() { stop(); }

void NodeMarker::start() { asio::co_spawn(state_->executor, State::run(state_), asio::detached); }

void NodeMarker::stop() {
  if (std::exchange(state_->stopped, true)) return;
  state_->timer.cancel();
  if (state_->connection) state_->connection->close();
}

void NodeMarker::use(std::shared_ptr<const NodeInventory> nodes) {
  state_->nodes = std::move(nodes);
}

const MarkStatus& NodeMarker::status() const { return state_->status; }

}  // namespace cvm::webhook
