// Metrics: sums the counters of all threads when somebody asks. No lock on any request's path.
#pragma once

#include <prometheus/collectable.h>

#include <string>
#include <vector>

#include "webhook/telemetry/admission_counters.hpp"
#include "webhook/telemetry/connection_counters.hpp"
#include "webhook/telemetry/log_output.hpp"
#include "webhook/telemetry/service_counters.hpp"

namespace cvm::webhook {

class Metrics final : public prometheus::Collectable {
 public:
  // Read, not owned; all must outlive the last call.
  struct Sources {
    std::vector<const AdmissionCounters*> admission;  // at least one, all with the same rules
    std::vector<const ConnectionCounters*> connections;
    const ServiceCounters* service = nullptr;
    const LogOutput* log = nullptr;
  };

  explicit Metrics(Sources sources);

  std::vector<prometheus::MetricFamily> Collect() const override;
  // Prometheus' text format.
  std::string render() const;

 private:
  Sources sources_;
};

}  // namespace cvm::webhook
