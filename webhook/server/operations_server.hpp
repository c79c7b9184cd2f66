// OperationsServer: what serves operations: the plain port of /healthz, /readyz and /metrics.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>

#include "webhook/server/listener.hpp"
#include "webhook/server/readiness.hpp"
#include "webhook/server/router.hpp"
#include "webhook/server/serve_options.hpp"
#include "webhook/server/session_group.hpp"
#include "webhook/telemetry/metrics.hpp"
#include "webhook/telemetry/service_counters.hpp"

namespace cvm::webhook {

// All calls but render_metrics() on the thread of `executor`, which serves the port.
class OperationsServer {
 public:
  // Takes the address; throws where it cannot be had. `sources`: what is counted elsewhere. What is
  // given by reference, or pointed to by `sources`, outlives this.
  OperationsServer(const boost::asio::any_io_executor& executor, const ServeOptions& options,
                   const Readiness& readiness, Metrics::Sources sources, ServiceCounters& counters,
                   EventLog& log);

  void start() { listener_.start(); }
  void stop_listening() { listener_.stop(); }
  // Ends every connection.
  void stop() { group_.stop(); }

  // The text of /metrics. Any thread.
  std::string render_metrics() const { return metrics_.render(); }

  boost::asio::ip::tcp::endpoint address() const { return listener_.address(); }

 private:
  const Limits limits_;
  ConnectionCount connections_{0};
  ConnectionCounters connection_counters_;
  Metrics metrics_;
  Router router_;
  SessionGroup group_;
  Listener listener_;
};

}  // namespace cvm::webhook
