// SessionGroup: the connections that one thread serves, and what they share.
//
// All calls on the thread of `executor`.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>

#include "webhook/server/session.hpp"
#include "webhook/server/session_context.hpp"
#include "webhook/server/tls_context.hpp"

namespace cvm::webhook {

class SessionGroup {
 public:
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
  void begin_drain() { context_.draining = true; }
  void close_idle();
  // Closes every connection and refuses new ones: the thread's io_context runs out of work, and
  // only then may the group be destroyed.
  void stop();

 private:
  using Sessions = boost::intrusive::list<Session, boost::intrusive::constant_time_size<false>>;

  void schedule_sweep();
  void sweep();

  boost::asio::any_io_executor executor_;
  SessionContext context_;
  Sessions sessions_;  // each leaves by itself; its coroutine owns it
  boost::asio::steady_timer sweep_timer_;
  bool stopped_ = false;
};

}  // namespace cvm::webhook
