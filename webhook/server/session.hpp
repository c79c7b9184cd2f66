// Session: one connection, from its handshake to its end.
//
// A state machine: advance() does all that can be done without waiting and says what to wait for;
// run_session() is the coroutine that waits. A request that arrives whole is read, answered and
// written between two waits. Every phase has one deadline, which the group looks at from time to
// time: no timer is armed for an operation.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/intrusive/list_hook.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "webhook/server/byte_stream.hpp"
#include "webhook/server/request_reader.hpp"
#include "webhook/server/session_context.hpp"

namespace cvm::webhook {

// Leaves the list that it is in when it ends.
using SessionHook =
    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

class Session : public SessionHook {
 public:
  using Clock = SessionContext::Clock;

  // kTurn: let others go first; kErrand: what errand() does.
  enum class Need { kRead, kWrite, kTurn, kErrand, kNothing };

  // Counts itself among the open connections for as long as it lives; `context` outlives it.
  Session(SessionContext& context, boost::asio::ip::tcp::socket socket,
          std::unique_ptr<ByteStream> stream);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // kNothing: the session is over and may be destroyed.
  Need advance();
  // What the answer waits for, where advance() said so. Once it has run, advance() goes on.
  std::shared_ptr<Errand> errand() const { return errand_; }
  // The socket failed while it was waited for.
  void abort();

  // For the group, while the session waits. Closing ends the wait.
  bool is_overdue(Clock::time_point now) const { return now >= deadline_; }
  void expire();
  bool is_idle() const { return phase_ == Phase::kIdle; }
  // Closes an idle connection unless a request has just arrived.
  void close_if_idle();
  // Gives back what an idle connection does not need, once.
  void release_memory();

  boost::asio::ip::tcp::socket& socket() { return socket_; }

 private:
  enum class Phase { kHandshake, kIdle, kHead, kBody, kErrand, kWrite, kLinger, kClosed };

  void enter(Phase phase);
  Need step();
  Need shake_hands();
  Need receive();
  Need continue_request();
  bool accept_head();
  Need answer();
  Need refuse(const Refusal& refusal);
  Need send(const ResponseHead& head);
  Need write_rest();
  Need written();
  Need linger();
  Need close();

  SessionContext& context_;
  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<ByteStream> stream_;
  RequestReader reader_;
  Route route_;
  std::shared_ptr<Errand> errand_;
  Clock::time_point deadline_;
  std::string unsent_;  // what of an answer the socket did not take yet
  std::size_t unsent_begin_ = 0;
  Phase phase_ = Phase::kHandshake;
  bool keep_alive_ = false;
  bool request_read_ = false;  // to its end
  bool bytes_left_ = false;    // the reader has bytes that were not parsed yet
  bool in_flight_ = false;
  bool memory_released_ = false;
};

boost::asio::awaitable<void> run_session(std::unique_ptr<Session> session);

}  // namespace cvm::webhook
