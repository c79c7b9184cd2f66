#include "webhook/telemetry/metrics.hpp"

#include <prometheus/text_serializer.h>

#include <functional>
#include <limits>
#include <utility>

#include "webhook/telemetry/process_metrics.hpp"

namespace cvm::webhook {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

using Labels = std::vector<ClientMetric::Label>;
using Families = std::vector<MetricFamily>;

constexpr std::array<const char*, kEndpointCount> kEndpoints = {"mutate", "validate"};
constexpr std::array<const char*, kActionCount> kActions = {"deny", "warn", "audit"};
// HTTP status of the answer of each Outcome: the review's own code for refusals is 403.
constexpr std::array<const char*, kOutcomeCount> kCodes = {"200", "200", "403", "400", "500"};

class FamilyBuilder {
 public:
  FamilyBuilder(const char* name, const char* help, MetricType type)
      : family_{name, help, type, {}} {}

  void add(double value, Labels labels = {}) {
    ClientMetric metric;
    metric.label = std::move(labels);
    if (family_.type == MetricType::Counter) {
      metric.counter.value = value;
    } else {
      metric.gauge.value = value;
    }
    family_.metric.push_back(std::move(metric));
  }
  void add(ClientMetric metric) { family_.metric.push_back(std::move(metric)); }
  MetricFamily take() { return std::move(family_); }

 private:
  MetricFamily family_;
};

void append_one(Families& families, const char* name, const char* help, MetricType type,
                double value) {
  FamilyBuilder family(name, help, type);
  family.add(value);
  families.push_back(family.take());
}

double number(const Counter& counter) { return static_cast<double>(counter.value()); }

template <typename Threads, typename Select>
double sum(const Threads& threads, Select&& select) {
  double total = 0;
  for (const auto* thread : threads) total += number(std::invoke(select, *thread));
  return total;
}

using AdmissionThreads = std::vector<const AdmissionCounters*>;

void append_requests(const AdmissionThreads& threads, Families& families) {
  FamilyBuilder family("cvm_webhook_requests_total",
                       "Admission reviews answered, by endpoint, decision and status code.",
                       MetricType::Counter);
  for (std::size_t endpoint = 0; endpoint < kEndpointCount; ++endpoint) {
    for (std::size_t outcome = 0; outcome < kOutcomeCount; ++outcome) {
      family.add(sum(threads,
                     [&](const AdmissionCounters& thread) -> const Counter& {
                       return thread.outcomes[endpoint][outcome];
                     }),
                 {{"endpoint", kEndpoints[endpoint]},
                  {"decision", std::string(to_string(static_cast<Outcome>(outcome)))},
                  {"code", kCodes[outcome]}});
    }
  }
  families.push_back(family.take());
}

// Rules that have found nothing yet are left out: there are three dozen of them.
void append_findings(const AdmissionThreads& threads, Families& families) {
  FamilyBuilder family("cvm_webhook_findings_total", "Findings of rules, by rule and action.",
                       MetricType::Counter);
  const auto& rules = threads.front()->rules();
  for (std::size_t rule = 0; rule <= rules.size(); ++rule) {
    for (std::size_t action = 0; action < kActionCount; ++action) {
      const double count = sum(threads, [&](const AdmissionCounters& thread) -> const Counter& {
        return thread.findings[rule][action];
      });
      if (count == 0) continue;
      family.add(count, {{"rule", rule < rules.size() ? std::string(rules[rule]) : "other"},
                         {"action", kActions[action]}});
    }
  }
  families.push_back(family.take());
}

void append_durations(const AdmissionThreads& threads, Families& families) {
  FamilyBuilder family("cvm_webhook_decision_duration_seconds",
                       "Time from a request's whole body to its rendered answer, by endpoint.",
                       MetricType::Histogram);
  for (std::size_t endpoint = 0; endpoint < kEndpointCount; ++endpoint) {
    ClientMetric metric;
    metric.label = {{"endpoint", kEndpoints[endpoint]}};
    std::uint64_t count = 0;
    for (std::size_t bucket = 0; bucket <= kDurationBounds.size(); ++bucket) {
      for (const AdmissionCounters* thread : threads) {
        count += thread->durations[endpoint].buckets[bucket].value();
      }
      metric.histogram.bucket.push_back(
          {count, bucket < kDurationBounds.size()
                      ? static_cast<double>(kDurationBounds[bucket]) / 1e9
                      : std::numeric_limits<double>::infinity()});
    }
    metric.histogram.sample_count = count;
    metric.histogram.sample_sum = sum(threads,
                                      [&](const AdmissionCounters& thread) -> const Counter& {
                                        return thread.durations[endpoint].sum_nanoseconds;
                                      }) /
                                  1e9;
    family.add(std::move(metric));
  }
  families.push_back(family.take());
}

void append_connections(const std::vector<const ConnectionCounters*>& threads, Families& families) {
  const auto total = [&](const char* name, const char* help, MetricType type,
                         Counter ConnectionCounters::* member) {
    append_one(families, name, help, type, sum(threads, member));
  };
  total("cvm_webhook_requests_in_flight", "Requests begun and not answered to their end.",
        MetricType::Gauge, &ConnectionCounters::requests_in_flight);
  total("cvm_webhook_connections", "Open connections.", MetricType::Gauge,
        &ConnectionCounters::open);
  total("cvm_webhook_connections_total", "Connections accepted.", MetricType::Counter,
        &ConnectionCounters::accepted);
  total("cvm_webhook_connection_timeouts_total",
        "Connections ended by a deadline of a handshake, request or answer.", MetricType::Counter,
        &ConnectionCounters::timeouts);
  total("cvm_webhook_tls_handshakes_total", "TLS handshakes done.", MetricType::Counter,
        &ConnectionCounters::handshakes);
  total("cvm_webhook_tls_handshake_failures_total", "TLS handshakes failed.", MetricType::Counter,
        &ConnectionCounters::handshake_failures);

  FamilyBuilder refusals("cvm_webhook_http_refusals_total",
                         "Requests refused before a decision, by status code.",
                         MetricType::Counter);
  for (std::size_t index = 0; index < kRefusalStatuses.size(); ++index) {
    refusals.add(sum(threads,
                     [&](const ConnectionCounters& thread) -> const Counter& {
                       return thread.refusals[index];
                     }),
                 {{"code", std::to_string(kRefusalStatuses[index])}});
  }
  families.push_back(refusals.take());
}

void append_reloads(const ServiceCounters& service, Families& families) {
  FamilyBuilder reloads("cvm_webhook_reloads_total", "Files read again, by file and result.",
                        MetricType::Counter);
  FamilyBuilder times("cvm_webhook_reload_last_success_timestamp_seconds",
                      "When a file was last taken into use.", MetricType::Gauge);
  const auto add = [&](const char* file, const ReloadCounters& counters) {
    reloads.add(number(counters.succeeded), {{"file", file}, {"result", "success"}});
    reloads.add(number(counters.failed), {{"file", file}, {"result", "failure"}});
    times.add(number(counters.last_success_seconds), {{"file", file}});
  };
  add("settings", service.settings);
  add("certificate", service.certificate);
  add("nodes", service.node_file);
  families.push_back(reloads.take());
  families.push_back(times.take());
  append_one(families, "cvm_webhook_certificate_not_after_timestamp_seconds",
             "When the serving certificate expires.", MetricType::Gauge,
             number(service.certificate_not_after_seconds));
}

void append_lookups(const std::vector<const AdmissionCounters*>& threads, Families& families) {
  constexpr std::array<const char*, kLookupOutcomeCount> kResults = {"found", "absent", "failed"};
  FamilyBuilder lookups("cvm_webhook_pod_lookups_total",
                        "Pods that the API server was asked for, for calls that do not carry them.",
                        MetricType::Counter);
  for (std::size_t index = 0; index < kLookupOutcomeCount; ++index) {
    lookups.add(
        sum(threads,
            [index](const AdmissionCounters& one) -> const Counter& { return one.lookups[index]; }),
        {{"result", kResults[index]}});
  }
  families.push_back(lookups.take());
  append_one(families, "cvm_webhook_break_glass_total",
             "Calls that only isolation.breakGlass let through.", MetricType::Counter,
             sum(threads, &AdmissionCounters::break_glass));
}

void append_nodes(const ServiceCounters& service, Families& families) {
  if (service.has_node_source.value() == 0) return;
  const auto gauge = [&](const char* name, const char* help, double value) {
    append_one(families, name, help, MetricType::Gauge, value);
  };
  const auto counter = [&](const char* name, const char* help, const Counter& value) {
    append_one(families, name, help, MetricType::Counter, number(value));
  };
  gauge("cvm_webhook_nodes", "Nodes in the inventory.", number(service.nodes));
  gauge("cvm_webhook_nodes_stale", "1 when the inventory is older than nodes.staleAfter.",
        number(service.nodes_stale));
  gauge("cvm_webhook_nodes_age_seconds", "Time since the inventory was last confirmed.",
        number(service.nodes_age_milliseconds) / 1e3);
  counter("cvm_webhook_node_lists_total", "Lists of nodes begun.", service.node_lists);
  counter("cvm_webhook_node_watches_total", "Watches of nodes begun.", service.node_watches);
  counter("cvm_webhook_node_events_total", "Watch events received.", service.node_events);
  counter("cvm_webhook_node_errors_total", "Lists and watches that failed.", service.node_errors);
  counter("cvm_webhook_node_mark_writes_total", "Nodes whose marks were written.",
          service.node_mark_writes);
  counter("cvm_webhook_node_mark_failures_total", "Writes of marks that failed.",
          service.node_mark_failures);
}

}  // namespace

Metrics::Metrics(Sources sources) : sources_(std::move(sources)) {}

std::vector<MetricFamily> Metrics::Collect() const {
  Families families;
  append_requests(sources_.admission, families);
  append_findings(sources_.admission, families);
  append_durations(sources_.admission, families);
  append_lookups(sources_.admission, families);
  append_connections(sources_.connections, families);
  append_one(families, "cvm_webhook_connections_rejected_total",
             "Connections closed because of the connection limit.", MetricType::Counter,
             number(sources_.service->connections_rejected));
  append_one(families, "cvm_webhook_accept_failures_total",
             "Connections that could not be accepted.", MetricType::Counter,
             number(sources_.service->accepts_failed));
  append_reloads(*sources_.service, families);
  append_nodes(*sources_.service, families);
  append_one(families, "cvm_webhook_log_dropped_bytes_total",
             "Log text dropped because nobody read it.", MetricType::Counter,
             static_cast<double>(sources_.log->dropped_bytes()));
  FamilyBuilder build("cvm_webhook_build_info", "1, with the version as label.", MetricType::Gauge);
  build.add(1, {{"version", CVM_VERSION}});
  families.push_back(build.take());
  append_process_metrics(families);
  return families;
}

std::string Metrics::render() const { return prometheus::TextSerializer().Serialize(Collect()); }

}  // namespace cvm::webhook
