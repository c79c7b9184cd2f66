// AdmissionCounters: what one thread decided.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <string_view>
#include <vector>

#include "policies/model/finding.hpp"
#include "policies/model/pod_lookup.hpp"
#include "webhook/telemetry/counter.hpp"

namespace cvm::webhook {

enum class Outcome { kAdmitted, kUntouched, kRefused, kUnreadable, kFault };
inline constexpr std::size_t kOutcomeCount = 5;
std::string_view to_string(Outcome outcome);

inline constexpr std::size_t kEndpointCount = 2;       // of enum Endpoint
inline constexpr std::size_t kActionCount = 3;         // deny, warn, audit
inline constexpr std::size_t kLookupOutcomeCount = 3;  // of enum PodLookup::Outcome

// Upper bounds of the duration histogram, in nanoseconds: a decision takes some 10 us.
inline constexpr std::array<std::int64_t, 12> kDurationBounds = {
    5'000,   10'000,    25'000,    50'000,     100'000,     250'000,
    500'000, 1'000'000, 2'500'000, 10'000'000, 100'000'000, 1'000'000'000};

// Written by one thread.
class AdmissionCounters {
 public:
  AdmissionCounters();

  void count(std::size_t endpoint, Outcome outcome, std::chrono::nanoseconds duration);
  void count_finding(const Finding& finding);
  void count_lookup(PodLookup::Outcome outcome) {
    lookups[static_cast<std::size_t>(outcome)].add();
  }

  // Every id that a finding may have, sorted.
  const std::vector<std::string_view>& rules() const { return rules_; }

  std::array<std::array<Counter, kOutcomeCount>, kEndpointCount> outcomes;
  struct Durations {
    std::array<Counter, kDurationBounds.size() + 1> buckets;
    Counter sum_nanoseconds;
  };
  std::array<Durations, kEndpointCount> durations;
  Counter break_glass;  // calls let through by settings.isolation.break_glass
  std::array<Counter, kLookupOutcomeCount> lookups;  // pods that were asked for
  std::vector<std::array<Counter, kActionCount>>
      findings;  // by position in rules(), the last of others

 private:
  std::vector<std::string_view> rules_;
};

}  // namespace cvm::webhook
