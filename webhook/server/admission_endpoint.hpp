// AdmissionEndpoint: one thread's way from a body to a decision, with its count and its log line.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "policies/engine.hpp"
#include "webhook/admission/admission_handler.hpp"
#include "webhook/server/request_handler.hpp"
#include "webhook/telemetry/admission_counters.hpp"
#include "webhook/telemetry/event_log.hpp"

namespace cvm::webhook {

class AdmissionEndpoint {
 public:
  // What is given by reference outlives the endpoint and belongs to its thread.
  AdmissionEndpoint(std::shared_ptr<const Snapshot> snapshot, AdmissionCounters& counters,
                    EventLog& log);

  // For the decisions that follow.
  void use(std::shared_ptr<const Snapshot> snapshot) { snapshot_ = std::move(snapshot); }

  Answer answer(Endpoint endpoint, std::string_view body, std::string& out);

 private:
  void list_rules(const Verdict& verdict);
  void log_decision(Endpoint endpoint, std::chrono::nanoseconds duration);

  AdmissionHandler handler_;
  std::shared_ptr<const Snapshot> snapshot_;
  AdmissionCounters& counters_;
  EventLog& log_;
  std::string rules_;     // of the line being written
  std::string resource_;  // likewise
};

}  // namespace cvm::webhook
