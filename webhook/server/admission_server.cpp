#include "webhook/server/admission_server.hpp"

#include <optional>
#include <utility>

#include "webhook/server/cluster_source.hpp"
#include "webhook/server/resources.hpp"

namespace cvm::webhook {

AdmissionServer::AdmissionServer(const boost::asio::any_io_executor& executor,
                                 const ServeOptions& options,
                                 const std::shared_ptr<const Snapshot>& snapshot,
                                 const CurrentTls& tls, const Readiness& readiness,
                                 const Router::RenderMetrics& render_metrics,
                                 ServiceCounters& counters, EventLog& log) {
  const std::optional<ClusterAccess> access = cluster_access(options);
  if (!options.record_directory.empty()) {
    recorder_ = std::make_unique<Recorder>(options.record_directory, options.record_limits,
                                           log.for_another_thread());
  }
  const unsigned threads = options.threads > 0 ? options.threads : default_threads();
  std::vector<Destination> destinations;
  destinations.reserve(threads);
  for (unsigned index = 0; index < threads; ++index) {
    AdmissionWorker& worker = *workers_.emplace_back(std::make_unique<AdmissionWorker>(
        snapshot, readiness, render_metrics, options.limits, connections_, log));
    if (access) worker.look_up_pods(*access);
    if (recorder_) worker.record_to(*recorder_);
    destinations.push_back(
        {worker.worker().executor(), [&worker, tls](boost::asio::ip::tcp::socket socket) {
           worker.worker().open(std::move(socket), tls());
         }});
  }
  listener_ =
      std::make_unique<Listener>(executor, parse_address(options.listen), std::move(destinations),
                                 options.limits, connections_, counters, log);
}

void AdmissionServer::start() {
  for (const auto& worker : workers_) worker->worker().start();
  listener_->start();
}

void AdmissionServer::use(const std::shared_ptr<const Snapshot>& snapshot) {
  for (const auto& worker : workers_) worker->use(snapshot);
}

void AdmissionServer::add_to(Metrics::Sources& sources) const {
  for (const auto& worker : workers_) {
    sources.admission.push_back(&worker->admission_counters());
    sources.connections.push_back(&worker->connection_counters());
  }
}

void AdmissionServer::begin_drain() {
  for (const auto& worker : workers_) worker->worker().begin_drain();
}

void AdmissionServer::close_idle() {
  for (const auto& worker : workers_) worker->worker().close_idle();
}

void AdmissionServer::stop() {
  listener_->stop();
  for (const auto& worker : workers_) worker->stop();
  recorder_.reset();  // writes what waits
}

}  // namespace cvm::webhook
