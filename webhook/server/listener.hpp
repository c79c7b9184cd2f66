// Listener: accepts connections of one address and deals them in turn.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "webhook/server/limits.hpp"
#include "webhook/server/session_group.hpp"
#include "webhook/telemetry/event_log.hpp"
#include "webhook/telemetry/service_counters.hpp"

namespace cvm::webhook {

// Where connections go: a socket is made for `executor`, then given to `open` on the listener's
// thread.
struct Destination {
  boost::asio::any_io_executor executor;
  std::function<void(boost::asio::ip::tcp::socket)> open;
};

class Listener {
 public:
  // Throws boost::system::system_error, with the address in its text, when the address cannot be
  // had. What is given by reference outlives the listener.
  Listener(const boost::asio::any_io_executor& executor,
           const boost::asio::ip::tcp::endpoint& address, std::vector<Destination> destinations,
           const Limits& limits, ConnectionCount& connections, ServiceCounters& counters,
           EventLog& log);
  ~Listener();

  void start();
  void stop();
  // With the port that was had, if port 0 was asked for.
  boost::asio::ip::tcp::endpoint address() const;

 private:
  struct State;
  static boost::asio::awaitable<void> accept_all(std::shared_ptr<State> state);

  std::shared_ptr<State> state_;
};

// "0.0.0.0:8443", "[::1]:0", ":8080" (every address). Throws std::runtime_error that says what was
// expected.
boost::asio::ip::tcp::endpoint parse_address(const std::string& text);
std::string to_text(const boost::asio::ip::tcp::endpoint& address);

}  // namespace cvm::webhook
