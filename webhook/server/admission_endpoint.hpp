// AdmissionEndpoint: one thread's way from a body to a decision, with its count and its log line.
//
// A decision about a pod that is not known yet is an errand first: the API server is asked for the
// pod, once, within the time that the caller waits.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "policies/engine.hpp"
#include "webhook/admission/admission_handler.hpp"
#include "webhook/recording/recorder.hpp"
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

  // How a pod is asked for. Does not throw. Without it, decisions never wait.
  using LookUpPod = std::function<boost::asio::awaitable<PodLookup>(
      std::string ns, std::string name, std::chrono::milliseconds time)>;
  void look_up_with(LookUpPod look_up) { look_up_ = std::move(look_up); }

  // What is decided goes there, too; it outlives the endpoint.
  void record_to(Recorder& recorder) { recorder_ = &recorder; }

  // As RequestHandler::answer().
  Answer answer(Endpoint endpoint, std::string_view body, std::chrono::milliseconds patience,
                Errand* done, std::string& out);

 private:
  class PodErrand;

  Answer ask_for_pod(const Decision& decision, std::chrono::milliseconds patience);
  void list_rules(const Verdict& verdict);
  void log_decision(const Decision& decision, std::chrono::nanoseconds duration);

  AdmissionHandler handler_;
  std::shared_ptr<const Snapshot> snapshot_;
  LookUpPod look_up_;
  Recorder* recorder_ = nullptr;
  AdmissionCounters& counters_;
  EventLog& log_;
  std::string rules_;     // of the line being written
  std::string resource_;  // likewise
};

}  // namespace cvm::webhook
