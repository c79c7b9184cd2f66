// SessionGroup: the connections that one thread serves, and what they share.
//
// All calls on the thread of `executor`.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <vector>

#include "webhook/server/buffer_pool.hpp"
#include "webhook/server/limits.hpp"
#include "webhook/server/request_handler.hpp"
#include "webhook/server/response_writer.hpp"
#include "webhook/server/tls_context.hpp"
#include "webhook/telemetry/connection_counters.hpp"
#include "webhook/telemetry/event_log.hpp"

namespace cvm::webhook {

class ByteStream;
class Session;

// Connections of all groups together, for the limit.
using ConnectionCount = std::atomic<std::size_t>;

class SessionGroup {
 public:
  using Clock = std::chrono::steady_clock;

  // What is given by reference outlives the group.
  struct Parts {
    RequestHandler& handler;
    const Limits& limits;
    ConnectionCount& connections;
    ConnectionCounters& counters;
    EventLog& log;
  };

  SessionGroup(boost::asio::any_io_executor executor, Parts parts);
  ~SessionGroup();
  SessionGroup(const SessionGroup&) = delete;
  SessionGroup& operator=(const SessionGroup&) = delete;

  // Begins to serve a connection; with TLS when there is a context.
  void open(boost::asio::ip::tcp::socket socket, const TlsContext& tls);

  // Answers from now on end their connection.
  void begin_drain() { draining_ = true; }
  void close_idle();
  // Closes every connection and refuses new ones: the thread's io_context runs out of work, and
  // only then may the group be destroyed.
  void stop();

 private:
  friend class Session;

  void schedule_sweep();
  void sweep();
  void add(Session& session);
  void remove(Session& session);

  boost::asio::any_io_executor executor_;
  Parts parts_;
  BufferPool buffers_;
  ResponseWriter writer_;
  std::vector<Session*> sessions_;
  boost::asio::steady_timer sweep_timer_;
  Clock::time_point now_;  // as of the last sweep: precise enough for deadlines of seconds
  Clock::time_point next_handshake_warning_{};
  bool draining_ = false;
  bool stopped_ = false;
};

}  // namespace cvm::webhook
