// SessionContext: what the sessions of one thread share, and all that they know of their thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>

#include "webhook/server/buffer_pool.hpp"
#include "webhook/server/limits.hpp"
#include "webhook/server/request_handler.hpp"
#include "webhook/server/response_writer.hpp"
#include "webhook/telemetry/connection_counters.hpp"
#include "webhook/telemetry/event_log.hpp"

namespace cvm::webhook {

// Connections of all threads together, for the limit.
using ConnectionCount = std::atomic<std::size_t>;

// What is given by reference outlives the context.
struct SessionContext {
  using Clock = std::chrono::steady_clock;

  RequestHandler& handler;
  const Limits& limits;
  ConnectionCount& connections;
  ConnectionCounters& counters;
  EventLog& log;
  BufferPool buffers = {};
  ResponseWriter writer = {};
  // As of the group's last sweep: precise enough for deadlines of seconds.
  Clock::time_point now = Clock::now();
  Clock::time_point next_handshake_warning = {};
  bool draining = false;  // answers end their connection
};

}  // namespace cvm::webhook
