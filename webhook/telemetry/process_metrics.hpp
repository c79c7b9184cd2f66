// The process_* metrics that every Prometheus client library gives, from /proc.
#pragma once

#include <prometheus/metric_family.h>

#include <vector>

namespace cvm::webhook {

// Appends what can be read.
void append_process_metrics(std::vector<prometheus::MetricFamily>& families);

}  // namespace cvm::webhook
