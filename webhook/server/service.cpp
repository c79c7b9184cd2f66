#include "webhook/server/service.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "certs/certificate.hpp"
#include "policies/rules/registry.hpp"
#include "webhook/config/settings_file.hpp"
#include "webhook/server/admission_worker.hpp"
#include "webhook/server/cluster_source.hpp"
#include "webhook/server/listener.hpp"
#include "webhook/server/node_source.hpp"
#include "webhook/server/reload_report.hpp"
#include "webhook/server/resources.hpp"
#include "webhook/server/snapshot_keeper.hpp"
#include "webhook/telemetry/metrics.hpp"

namespace cvm::webhook {
namespace {

using boost::asio::ip::tcp;
using Clock = std::chrono::steady_clock;

// Exit codes of commands.hpp.
constexpr int kDone = 0;
constexpr int kEndedAtOnce = 2;

// Descriptors for everything that is not an admission connection.
constexpr std::size_t kReservedDescriptors = 128;
constexpr std::size_t kOpsConnections = 64;
constexpr std::chrono::milliseconds kDrainLook{20};

// Of the registry's rules, and of what the engine itself finds.
std::vector<std::string_view> finding_ids() {
  std::vector<std::string_view> ids = {"no-compatible-node", "node-binding",
                                       "nodes-stale",        "unmarked-nodes",
                                       "pod-unknown",        "runtime-class-handler"};
  for (const RuleDescriptor& rule : all_rules()) ids.push_back(rule.id);
  return ids;
}

std::string one_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos;) {
    text.replace(at, 1, "; ");
  }
  return text;
}

std::string iso_time(certs::TimePoint time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

// The limits of the operations port: the same, for few connections and bodies that nobody reads.
Limits ops_limits(Limits limits) {
  limits.max_connections = kOpsConnections;
  limits.max_body_bytes = 64 * 1024;
  return limits;
}

}  // namespace

struct Service::State {
  explicit State(ServeOptions given);

  void load_settings();
  void load_certificate();
  void start_workers();
  Metrics make_metrics() const;
  void publish(const std::shared_ptr<const Snapshot>& snapshot);

  void tick();
  void look_at_files();
  void update_readiness();
  void wait_for_signal();
  void begin_drain();
  static boost::asio::awaitable<void> finish_drain(State& state);
  bool has_connections() const { return connections.load(std::memory_order_relaxed) > 0; }
  void shut_down();

  // In the order in which the parts depend on each other: the last is destroyed first.
  ServeOptions options;
  std::shared_ptr<LogOutput> output;
  EventLog log;
  ServiceCounters counters;
  Readiness readiness;
  ConnectionCount connections{0}, ops_connections{0};
  const Limits limits_of_ops;
  ConnectionCounters ops_counters;
  std::unique_ptr<Recorder> recorder;
  std::vector<std::unique_ptr<AdmissionWorker>> workers;
  std::unique_ptr<Metrics> metrics;
  SnapshotKeeper snapshots;
  std::unique_ptr<FileReloader> settings;
  std::unique_ptr<FileReloader> certificate;
  TlsContext tls;
  certs::TimePoint certificate_not_after;
  boost::asio::io_context control{1};
  std::unique_ptr<NodeSource> nodes;
  std::unique_ptr<ClusterSource> cluster;
  std::unique_ptr<Router> ops_router;
  std::unique_ptr<SessionGroup> ops_group;
  std::unique_ptr<Listener> listener, ops_listener;
  boost::asio::steady_timer ticker{control};
  boost::asio::steady_timer drain_timer{control};
  boost::asio::signal_set signals{control};
  bool draining = false;
  bool ended = false;
  int exit_code = kDone;
};

Service::State::State(ServeOptions given)
    : options(std::move(given)),
      output(std::make_shared<LogOutput>(options.log_descriptor)),
      log(options.log_format, options.log_level, output),
      limits_of_ops(ops_limits(options.limits)),
      snapshots([this](const std::shared_ptr<const Snapshot>& snapshot) { publish(snapshot); }) {
  // OpenSSL writes with write(2), which cannot say MSG_NOSIGNAL.
  std::signal(SIGPIPE, SIG_IGN);
  const std::size_t descriptors = raise_descriptor_limit();
  if (descriptors < options.limits.max_connections + kReservedDescriptors) {
    options.limits.max_connections = descriptors > 2 * kReservedDescriptors
                                         ? descriptors - kReservedDescriptors
                                         : descriptors / 2;
    log.warn("fewer connections than asked for: too few file descriptors",
             {{"connections", static_cast<std::int64_t>(options.limits.max_connections)},
              {"descriptors", static_cast<std::int64_t>(descriptors)}});
  }
  load_settings();
  load_certificate();
  nodes = std::make_unique<NodeSource>(
      control.get_executor(), options,
      [this](std::shared_ptr<const NodeCatalog> nodes) { snapshots.use_nodes(std::move(nodes)); },
      log, counters);
  if (nodes->is_configured()) snapshots.await_nodes();
  cluster = std::make_unique<ClusterSource>(control.get_executor(), options, snapshots, log);
  start_workers();
  update_readiness();
  readiness.set("serving", true, {});
}

void Service::State::load_settings() {
  if (options.settings_file.empty()) {
    snapshots.use_settings(Settings{}, Clock::now());
    return;
  }
  settings = std::make_unique<FileReloader>(
      std::vector{options.settings_file},
      [this](const FileReloader::Contents& contents) -> std::optional<Error> {
        SettingsResult result = parse_settings(contents.front());
        if (!result.ok()) return Error{result.describe(options.settings_file)};
        for (const std::string& notice : result.notices) log.warn("settings", {{"notice", notice}});
        snapshots.use_settings(std::move(result.settings), Clock::now());
        return std::nullopt;
      });
  settings->load();
  count_success(counters.settings);
}

void Service::State::load_certificate() {
  certificate = std::make_unique<FileReloader>(
      std::vector{options.tls_certificate_file, options.tls_key_file},
      [this](const FileReloader::Contents& contents) -> std::optional<Error> {
        const auto facts =
            certs::check_pair({contents[0], contents[1]}, std::chrono::system_clock::now());
        if (!facts) return Error{options.tls_certificate_file + ": " + facts.error().message};
        auto context = make_tls_context(contents[0], contents[1]);
        if (!context) return Error{options.tls_certificate_file + ": " + context.error().message};
        tls = std::move(*context);
        certificate_not_after = facts->not_after;
        counters.certificate_not_after_seconds.set(
            static_cast<std::uint64_t>(std::chrono::system_clock::to_time_t(facts->not_after)));
        return std::nullopt;
      });
  certificate->load();
  count_success(counters.certificate);
}

void Service::State::start_workers() {
  const auto render_metrics = [this] { return metrics->render(); };
  const std::optional<ClusterAccess> access = cluster_access(options);
  if (!options.record_directory.empty()) {
    recorder = std::make_unique<Recorder>(options.record_directory, options.record_limits,
                                          log.for_another_thread());
  }
  const unsigned threads = options.threads > 0 ? options.threads : default_threads();
  for (unsigned index = 0; index < threads; ++index) {
    workers.push_back(std::make_unique<AdmissionWorker>(snapshots.current(), finding_ids(),
                                                        readiness, render_metrics, options.limits,
                                                        connections, log));
    if (access) workers.back()->look_up_pods(*access);
    if (recorder) workers.back()->record_to(*recorder);
  }
  ops_router = std::make_unique<Router>(nullptr, readiness, render_metrics);
  ops_group = std::make_unique<SessionGroup>(
      control.get_executor(),
      SessionGroup::Parts{*ops_router, limits_of_ops, ops_connections, ops_counters, log});
  metrics = std::make_unique<Metrics>(make_metrics());

  std::vector<Destination> destinations;
  destinations.reserve(workers.size());
  for (const auto& worker : workers) {
    destinations.push_back({worker->worker().executor(), [this, &worker](tcp::socket socket) {
                              worker->worker().open(std::move(socket), tls);
                            }});
  }
  listener = std::make_unique<Listener>(control.get_executor(), parse_address(options.listen),
                                        std::move(destinations), options.limits, connections,
                                        counters, log);
  std::vector<Destination> ops_destination{{control.get_executor(), [this](tcp::socket socket) {
                                              ops_group->open(std::move(socket), nullptr);
                                            }}};
  ops_listener = std::make_unique<Listener>(
      control.get_executor(), parse_address(options.ops_listen), std::move(ops_destination),
      limits_of_ops, ops_connections, counters, log);
}

Metrics Service::State::make_metrics() const {
  Metrics::Sources sources;
  for (const auto& worker : workers) {
    sources.admission.push_back(&worker->admission_counters());
    sources.connections.push_back(&worker->connection_counters());
  }
  sources.connections.push_back(&ops_counters);
  sources.service = &counters;
  sources.log = output.get();
  return Metrics(std::move(sources));
}

void Service::State::publish(const std::shared_ptr<const Snapshot>& snapshot) {
  for (const auto& worker : workers) worker->use(snapshot);
  if (nodes) nodes->mark_with(snapshot->settings->nodes.mark ? snapshot->nodes : nullptr);
}

void Service::State::tick() {
  ticker.expires_after(options.reload_interval);
  ticker.async_wait([this](const boost::system::error_code& error) {
    if (!error && !ended) tick();
  });
  look_at_files();
  snapshots.forget_previous(Clock::now());
  nodes->poll();
  if (nodes->is_configured()) snapshots.set_nodes_age(nodes->age());
  update_readiness();
}

void Service::State::look_at_files() {
  if (settings) {
    const auto event = settings->poll();
    report_reload("settings", event, settings->failure(), log, counters.settings);
  }
  const auto event = certificate->poll();
  report_reload("certificate", event, certificate->failure(), log, counters.certificate);
}

void Service::State::update_readiness() {
  const auto detail = [](std::string text, const std::string& failure) {
    if (failure.empty()) return text;
    return text + (text.empty() ? "" : "; ") + "not up to date: " + one_line(failure);
  };
  readiness.set("settings", snapshots.current() != nullptr,
                detail({}, settings ? settings->failure() : std::string()));
  readiness.set("certificate", std::chrono::system_clock::now() < certificate_not_after,
                detail("valid until " + iso_time(certificate_not_after), certificate->failure()));
  cluster->update(readiness);
  if (!nodes->is_configured()) return;
  const auto age = nodes->age();
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(
      age.value_or(std::chrono::nanoseconds::zero()));
  std::string text = snapshots.nodes_known()
                         ? std::to_string(snapshots.node_count()) + " nodes, confirmed " +
                               std::to_string(seconds.count()) + " s ago" +
                               (snapshots.nodes_stale() ? ", stale" : "")
                         : "not listed yet";
  readiness.set("nodes", snapshots.nodes_known(), detail(std::move(text), nodes->failure()));
  counters.nodes.set(snapshots.node_count());
  counters.nodes_stale.set(snapshots.nodes_stale() ? 1 : 0);
  counters.nodes_age_milliseconds.set(static_cast<std::uint64_t>(
      age.value_or(std::chrono::nanoseconds::zero()) / std::chrono::milliseconds(1)));
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
    exit_code = kEndedAtOnce;
    control.stop();
    return;
  }
  draining = true;
  log.info("draining", {{"delayMs", static_cast<std::int64_t>(options.drain_delay.count())}});
  readiness.set("serving", false, "draining");
  for (const auto& worker : workers) worker->worker().begin_drain();
  boost::asio::co_spawn(control, finish_drain(*this), boost::asio::detached);
}

boost::asio::awaitable<void> Service::State::finish_drain(State& state) {
  boost::system::error_code error;
  state.drain_timer.expires_after(state.options.drain_delay);
  co_await state.drain_timer.async_wait(
      boost::asio::redirect_error(boost::asio::use_awaitable, error));
  state.listener->stop();
  const auto deadline = Clock::now() + state.options.drain_timeout;
  while (state.has_connections() && Clock::now() < deadline) {
    for (const auto& worker : state.workers) worker->worker().close_idle();
    state.drain_timer.expires_after(kDrainLook);
    co_await state.drain_timer.async_wait(
        boost::asio::redirect_error(boost::asio::use_awaitable, error));
  }
  if (state.has_connections()) {
    state.log.warn("connections cut at the end of the drain",
                   {{"connections", static_cast<std::int64_t>(state.connections.load())}});
  }
  state.control.stop();
}

void Service::State::shut_down() {
  ended = true;
  listener->stop();
  ops_listener->stop();
  nodes->stop();
  cluster->stop();
  for (const auto& worker : workers) worker->stop();
  recorder.reset();  // writes what waits
  ops_group->stop();
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

tcp::endpoint Service::address() const { return state_->listener->address(); }
tcp::endpoint Service::ops_address() const { return state_->ops_listener->address(); }

int Service::run() {
  State& state = *state_;
  state.signals.add(SIGTERM);
  state.signals.add(SIGINT);
  state.wait_for_signal();
  for (const auto& worker : state.workers) worker->worker().start();
  state.listener->start();
  state.ops_listener->start();
  state.nodes->start();
  state.cluster->start();
  state.log.info("serving", {{"listen", to_text(address())},
                             {"ops", to_text(ops_address())},
                             {"threads", static_cast<std::int64_t>(state.workers.size())},
                             {"certificateNotAfter", iso_time(state.certificate_not_after)}});
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
