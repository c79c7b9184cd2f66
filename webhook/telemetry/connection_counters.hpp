// ConnectionCounters: what one thread's connections did.
#pragma once

#include <array>
#include <cstddef>

#include "webhook/telemetry/counter.hpp"

namespace cvm::webhook {

// HTTP statuses of requests that were refused before a decision, as label values.
inline constexpr std::array<unsigned, 9> kRefusalStatuses = {400, 404, 405, 408, 413,
                                                             415, 417, 431, 500};

// Written by the thread that owns the connections.
struct ConnectionCounters {
  Counter accepted;
  Counter open;
  Counter requests_in_flight;  // first byte read, answer not written to its end
  Counter handshakes;
  Counter handshake_failures;
  Counter timeouts;  // connections closed by a deadline, idle ones not counted
  std::array<Counter, kRefusalStatuses.size()> refusals;

  void count_refusal(unsigned status) {
    for (std::size_t index = 0; index < kRefusalStatuses.size(); ++index) {
      if (kRefusalStatuses[index] == status) refusals[index].add();
    }
  }
};

}  // namespace cvm::webhook
