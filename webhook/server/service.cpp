#include "webhook/server/service.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <string>
#include <utility>

#include "certs/certificate.hpp"
#include "webhook/server/admission_server.hpp"
#include "webhook/server/cluster_source.hpp"
#include "webhook/server/node_source.hpp"
#include "webhook/server/operations_server.hpp"
#include "webhook/server/reloaded_files.hpp"
#include "webhook/server/resources.hpp"
#include "webhook/server/snapshot_keeper.hpp"
#include "webhook/terminal/exit_codes.hpp"

namespace cvm::webhook {
namespace {

using boost::asio::ip::tcp;
using Clock = std::chrono::steady_clock;

// Descriptors for everything that is not an admission connection.
constexpr std::size_t kReservedDescriptors = 128;
constexpr std::chrono::milliseconds kDrainLook{20};

}  // namespace

struct Service::State {
  explicit State(ServeOptions given);

  void limit_connections();
  void publish(const std::shared_ptr<const Snapshot>& snapshot);

  void tick();
  void update_readiness();
  void wait_for_signal();
  void begin_drain();
  static boost::asio::awaitable<void> finish_drain(State& state);
  void shut_down();

  // In the order in which the parts depend on each other: the last is destroyed first.
  ServeOptions options;
  std::shared_ptr<LogOutput> output;
  EventLog log;
  ServiceCounters counters;
  Readiness readiness;
  SnapshotKeeper snapshots;
  std::unique_ptr<ReloadedFiles> files;
  boost::asio::io_context control{1};
  std::unique_ptr<NodeSource> nodes;
  std::unique_ptr<ClusterSource> cluster;
  std::unique_ptr<AdmissionServer> admission;
  std::unique_ptr<OperationsServer> operations;
  boost::asio::steady_timer ticker{control};
  boost::asio::steady_timer drain_timer{control};
  boost::asio::signal_set signals{control};
  bool draining = false;
  bool ended = false;
  int exit_code = kExitOk;
};

Service::State::State(ServeOptions given)
    : options(std::move(given)),
      output(std::make_shared<LogOutput>(options.log_descriptor)),
      log(options.log_format, options.log_level, output),
      snapshots([this](const std::shared_ptr<const Snapshot>& snapshot) { publish(snapshot); }) {
  // OpenSSL writes with write(2), which cannot say MSG_NOSIGNAL.
  std::signal(SIGPIPE, SIG_IGN);
  limit_connections();
  files = std::make_unique<ReloadedFiles>(options, snapshots, counters, log);
  const auto executor = control.get_executor();
  nodes = std::make_unique<NodeSource>(
      executor, options,
      [this](std::shared_ptr<const NodeCatalog> nodes) { snapshots.use_nodes(std::move(nodes)); },
      log, counters);
  if (nodes->is_configured()) snapshots.await_nodes();
  cluster = std::make_unique<ClusterSource>(executor, options, snapshots, log);
  admission = std::make_unique<AdmissionServer>(
      executor, options, snapshots.current(), [this] { return files->tls(); }, readiness,
      [this] { return operations->render_metrics(); }, counters, log);
  Metrics::Sources sources;
  sources.service = &counters;
  sources.log = output.get();
  admission->add_to(sources);
  operations = std::make_unique<OperationsServer>(executor, options, readiness, std::move(sources),
                                                  counters, log);
  update_readiness();
  readiness.set("serving", true, {});
}

void Service::State::limit_connections() {
  const std::size_t descriptors = raise_descriptor_limit();
  if (descriptors >= options.limits.max_connections + kReservedDescriptors) return;
  options.limits.max_connections =
      descriptors > 2 * kReservedDescriptors ? descriptors - kReservedDescriptors : descriptors / 2;
  log.warn("fewer connections than asked for: too few file descriptors",
           {{"connections", static_cast<std::int64_t>(options.limits.max_connections)},
            {"descriptors", static_cast<std::int64_t>(descriptors)}});
}

void Service::State::publish(const std::shared_ptr<const Snapshot>& snapshot) {
  if (admission) admission->use(snapshot);
  if (nodes) nodes->mark_with(snapshot->settings->nodes.mark ? snapshot->nodes : nullptr);
}

void Service::State::tick() {
  ticker.expires_after(options.reload_interval);
  ticker.async_wait([this](const boost::system::error_code& error) {
    if (!error && !ended) tick();
  });
  files->poll();
  snapshots.forget_previous(Clock::now());
  nodes->poll();
  if (nodes->is_configured()) snapshots.set_nodes_age(nodes->age());
  update_readiness();
}

void Service::State::update_readiness() {
  files->report(readiness);
  cluster->update(readiness);
  nodes->report(snapshots, readiness);
}

void Service::State::wait_for_signal() {
  signals.async_wait([this](const boost::system::error_code& error, int) {
    if (error) return;
    begin_drain();
    wait_for_signal();
  });
}

void Service::State::begin_drain() {
  if (draining) {
    log.warn("ended at once");
    exit_code = kExitUnusable;
    control.stop();
    return;
  }
  draining = true;
  log.info("draining", {{"delayMs", static_cast<std::int64_t>(options.drain_delay.count())}});
  readiness.set("serving", false, "draining");
  admission->begin_drain();
  boost::asio::co_spawn(control, finish_drain(*this), boost::asio::detached);
}

boost::asio::awaitable<void> Service::State::finish_drain(State& state) {
  boost::system::error_code error;
  state.drain_timer.expires_after(state.options.drain_delay);
  co_await state.drain_timer.async_wait(
      boost::asio::redirect_error(boost::asio::use_awaitable, error));
  state.admission->stop_listening();
  const auto deadline = Clock::now() + state.options.drain_timeout;
  while (state.admission->connections() > 0 && Clock::now() < deadline) {
    state.admission->close_idle();
    state.drain_timer.expires_after(kDrainLook);
    co_await state.drain_timer.async_wait(
        boost::asio::redirect_error(boost::asio::use_awaitable, error));
  }
  if (state.admission->connections() > 0) {
    state.log.warn("connections cut at the end of the drain",
                   {{"connections", static_cast<std::int64_t>(state.admission->connections())}});
  }
  state.control.stop();
}

void Service::State::shut_down() {
  ended = true;
  admission->stop_listening();
  operations->stop_listening();
  nodes->stop();
  cluster->stop();
  admission->stop();
  operations->stop();
  ticker.cancel();
  drain_timer.cancel();
  signals.cancel();
  // What was waiting ends now, while what it refers to is still there.
  control.restart();
  control.run_for(std::chrono::seconds(1));
  log.info("ended");
  log.flush();
}

Service::Service(ServeOptions options) : state_(std::make_unique<State>(std::move(options))) {}

Service::~Service() = default;

tcp::endpoint Service::address() const { return state_->admission->address(); }
tcp::endpoint Service::ops_address() const { return state_->operations->address(); }

int Service::run() {
  State& state = *state_;
  state.signals.add(SIGTERM);
  state.signals.add(SIGINT);
  state.wait_for_signal();
  state.admission->start();
  state.operations->start();
  state.nodes->start();
  state.cluster->start();
  state.log.info("serving", {{"listen", to_text(address())},
                             {"ops", to_text(ops_address())},
                             {"threads", static_cast<std::int64_t>(state.admission->threads())},
                             {"certificateNotAfter",
                              certs::format_time(state.files->certificate_not_after())}});
  state.log.flush();
  state.tick();
  while (!state.control.stopped()) {
    try {
      state.control.run();
    } catch (const std::exception& error) {
      state.log.error("fault on the control thread", {{"reason", error.what()}});
    }
  }
  state.shut_down();
  return state.exit_code;
}

void Service::drain() {
  boost::asio::post(state_->control, [state = state_.get()] { state->begin_drain(); });
}

}  // namespace cvm::webhook
