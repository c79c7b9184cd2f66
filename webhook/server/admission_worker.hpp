// AdmissionWorker: a worker with everything that its thread alone uses to decide.
#pragma once

#include <memory>

#include "webhook/server/admission_endpoint.hpp"
#include "webhook/server/readiness.hpp"
#include "webhook/server/router.hpp"
#include "webhook/server/worker.hpp"

namespace cvm::webhook {

class AdmissionWorker {
 public:
  // What is given by reference outlives the worker.
  AdmissionWorker(std::shared_ptr<const Snapshot> snapshot, std::vector<std::string_view> rules,
                  const Readiness& readiness, Router::RenderMetrics render_metrics,
                  const Limits& limits, ConnectionCount& connections, const EventLog& log)
      : log_(log.for_another_thread()),
        admission_counters_(std::move(rules)),
        endpoint_(std::move(snapshot), admission_counters_, *log_),
        router_(&endpoint_, readiness, std::move(render_metrics)),
        worker_({router_, limits, connections, connection_counters_, *log_}) {}

  Worker& worker() { return worker_; }
  const AdmissionCounters& admission_counters() const { return admission_counters_; }
  const ConnectionCounters& connection_counters() const { return connection_counters_; }

  // From any thread: for the decisions that follow.
  void use(std::shared_ptr<const Snapshot> snapshot) {
    worker_.post([this, snapshot = std::move(snapshot)] { endpoint_.use(snapshot); });
  }

 private:
  std::unique_ptr<EventLog> log_;
  AdmissionCounters admission_counters_;
  ConnectionCounters connection_counters_;
  AdmissionEndpoint endpoint_;
  Router router_;
  Worker worker_;
};

}  // namespace cvm::webhook
