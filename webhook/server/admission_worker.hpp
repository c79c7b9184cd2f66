// AdmissionWorker: a worker with everything that its thread alone uses to decide.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "webhook/kubernetes/api/pod_getter.hpp"
#include "webhook/server/admission_endpoint.hpp"
#include "webhook/server/readiness.hpp"
#include "webhook/server/router.hpp"
#include "webhook/server/worker.hpp"

namespace cvm::webhook {

class AdmissionWorker {
 public:
  // What is given by reference outlives the worker.
  AdmissionWorker(std::shared_ptr<const Snapshot> snapshot, const Readiness& readiness,
                  Router::RenderMetrics render_metrics, const Limits& limits,
                  ConnectionCount& connections, const EventLog& log)
      : log_(log.for_another_thread()),
        endpoint_(std::move(snapshot), admission_counters_, *log_),
        router_(&endpoint_, readiness, std::move(render_metrics)),
        worker_({router_, limits, connections, connection_counters_, *log_}) {}

  ~AdmissionWorker() { stop(); }
  AdmissionWorker(const AdmissionWorker&) = delete;
  AdmissionWorker& operator=(const AdmissionWorker&) = delete;

  // Before start(): whom to ask for pods that no watch told of.
  void look_up_pods(const ClusterAccess& access) {
    pods_ = std::make_unique<PodGetter>(worker_.executor(), access);
    endpoint_.look_up_with(
        [this](std::string ns, std::string name, std::chrono::milliseconds time) {
          return pods_->get(std::move(ns), std::move(name), time);
        });
  }

  // Before start(): `recorder` outlives the worker.
  void record_to(Recorder& recorder) { endpoint_.record_to(recorder); }

  // Ends every connection and joins the thread. From another thread.
  void stop() {
    if (pods_) worker_.post([this] { pods_->stop(); });
    worker_.stop();
  }

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
  std::unique_ptr<PodGetter> pods_;  // on the worker's thread
};

}  // namespace cvm::webhook
