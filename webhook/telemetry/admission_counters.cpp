#include "webhook/telemetry/admission_counters.hpp"

#include <algorithm>

#include "policies/rules/registry.hpp"

namespace cvm::webhook {

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::kAdmitted:
      return "admitted";
    case Outcome::kUntouched:
      return "untouched";
    case Outcome::kRefused:
      return "refused";
    case Outcome::kUnreadable:
      return "unreadable";
    case Outcome::kFault:
      return "fault";
  }
  return "unknown";
}

AdmissionCounters::AdmissionCounters() : findings(all_rules().size() + 1) {
  for (const RuleDescriptor* rule : all_rules()) rules_.push_back(rule->id);
}

void AdmissionCounters::count(std::size_t endpoint, Outcome outcome,
                              std::chrono::nanoseconds duration) {
  outcomes[endpoint][static_cast<std::size_t>(outcome)].add();
  Durations& histogram = durations[endpoint];
  std::size_t bucket = 0;
  while (bucket < kDurationBounds.size() && duration.count() > kDurationBounds[bucket]) ++bucket;
  histogram.buckets[bucket].add();
  histogram.sum_nanoseconds.add(static_cast<std::uint64_t>(duration.count()));
}

void AdmissionCounters::count_finding(const Finding& finding) {
  const auto action = static_cast<std::size_t>(finding.action);
  if (action >= kActionCount) return;
  const auto rule = std::lower_bound(rules_.begin(), rules_.end(), finding.rule);
  const bool known = rule != rules_.end() && *rule == finding.rule;
  findings[known ? static_cast<std::size_t>(rule - rules_.begin()) : rules_.size()][action].add();
}

}  // namespace cvm::webhook
