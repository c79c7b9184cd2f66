// AdmissionServer: what serves admission: the listener of the TLS port, the workers that decide,
// each a thread, and the recorder of what they decided.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "policies/snapshot.hpp"
#include "webhook/recording/recorder.hpp"
#include "webhook/server/admission_worker.hpp"
#include "webhook/server/listener.hpp"
#include "webhook/server/readiness.hpp"
#include "webhook/server/router.hpp"
#include "webhook/server/serve_options.hpp"
#include "webhook/telemetry/metrics.hpp"
#include "webhook/telemetry/service_counters.hpp"

namespace cvm::webhook {

// All calls on one thread.
class AdmissionServer {
 public:
  // What a connection that comes now is encrypted with.
  using CurrentTls = std::function<TlsContext()>;

  // Takes the address; throws where it cannot be had. The listener is on `executor`, which is the
  // thread of the calls. What is given by reference outlives this.
  AdmissionServer(const boost::asio::any_io_executor& executor, const ServeOptions& options,
                  const std::shared_ptr<const Snapshot>& snapshot, const CurrentTls& tls,
                  const Readiness& readiness, const Router::RenderMetrics& render_metrics,
                  ServiceCounters& counters, EventLog& log);

  void start();
  // For the decisions that follow.
  void use(const std::shared_ptr<const Snapshot>& snapshot);
  void add_to(Metrics::Sources& sources) const;

  // A drain: answers end their connection; then none comes in any more; then idle ones are closed.
  void begin_drain();
  void stop_listening() { listener_->stop(); }
  void close_idle();
  std::size_t connections() const { return connections_.load(std::memory_order_relaxed); }

  // Ends every connection, joins the threads, and writes what waits to be recorded.
  void stop();

  boost::asio::ip::tcp::endpoint address() const { return listener_->address(); }
  std::size_t threads() const { return workers_.size(); }

 private:
  // The last is destroyed first.
  ConnectionCount connections_{0};
  std::unique_ptr<Recorder> recorder_;
  std::vector<std::unique_ptr<AdmissionWorker>> workers_;
  std::unique_ptr<Listener> listener_;
};

}  // namespace cvm::webhook
