#include "webhook/server/listener.hpp"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <stdexcept>
#include <utility>

namespace cvm::webhook {
namespace {

using boost::asio::ip::tcp;

// How long to wait after a failed accept: descriptors come back when connections end.
constexpr std::chrono::milliseconds kBackOff{100};
constexpr std::chrono::seconds kWarningInterval{10};

}  // namespace

struct Listener::State {
  State(const boost::asio::any_io_executor& executor, std::vector<Destination> deals,
        const Limits& given, ConnectionCount& count, ServiceCounters& service_counters,
        EventLog& event_log)
      : acceptor(executor),
        back_off(executor),
        destinations(std::move(deals)),
        limits(given),
        connections(count),
        counters(service_counters),
        log(event_log) {}

  void warn(std::string_view message, const std::string& reason) {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_warning) return;
    next_warning = now + kWarningInterval;
    log.warn(message, {{"reason", reason}});
  }

  void deal(const Destination& destination, tcp::socket socket) {
    if (connections.fetch_add(1, std::memory_order_relaxed) >= limits.max_connections) {
      connections.fetch_sub(1, std::memory_order_relaxed);
      counters.connections_rejected.add();
      warn("connection closed",
           fmt::format("the limit of {} connections is reached", limits.max_connections));
      return;
    }
    destination.open(std::move(socket));
  }

  tcp::acceptor acceptor;
  boost::asio::steady_timer back_off;
  const std::vector<Destination> destinations;
  const Limits& limits;
  ConnectionCount& connections;
  ServiceCounters& counters;
  EventLog& log;
  std::size_t next = 0;
  std::chrono::steady_clock::time_point next_warning{};
};

Listener::Listener(const boost::asio::any_io_executor& executor, const tcp::endpoint& address,
                   std::vector<Destination> destinations, const Limits& limits,
                   ConnectionCount& connections, ServiceCounters& counters, EventLog& log)
    : state_(std::make_shared<State>(executor, std::move(destinations), limits, connections,
                                     counters, log)) {
  tcp::acceptor& acceptor = state_->acceptor;
  try {
    acceptor.open(address.protocol());
    acceptor.set_option(tcp::acceptor::reuse_address(true));
    acceptor.bind(address);
    acceptor.listen(boost::asio::socket_base::max_listen_connections);
  } catch (const boost::system::system_error& error) {
    throw boost::system::system_error(error.code(),
                                      fmt::format("cannot listen on {}", to_text(address)));
  }
}

Listener::~Listener() { stop(); }

void Listener::start() {
  boost::asio::co_spawn(state_->acceptor.get_executor(), accept_all(state_), boost::asio::detached);
}

void Listener::stop() {
  boost::system::error_code ignored;
  state_->acceptor.close(ignored);
  state_->back_off.cancel();
}

tcp::endpoint Listener::address() const { return state_->acceptor.local_endpoint(); }

boost::asio::awaitable<void> Listener::accept_all(std::shared_ptr<State> state) {
  while (state->acceptor.is_open()) {
    const Destination& destination = state->destinations[state->next];
    boost::system::error_code error;
    tcp::socket socket = co_await state->acceptor.async_accept(
        destination.executor, boost::asio::redirect_error(boost::asio::use_awaitable, error));
    if (!error) {
      state->next = (state->next + 1) % state->destinations.size();
      state->deal(destination, std::move(socket));
      continue;
    }
    if (error == boost::asio::error::operation_aborted) co_return;
    state->counters.accepts_failed.add();
    state->warn("cannot accept a connection", error.message());
    // Peers that gave up while they waited need no pause.
    if (error == boost::asio::error::connection_aborted) continue;
    state->back_off.expires_after(kBackOff);
    boost::system::error_code cancelled;
    co_await state->back_off.async_wait(
        boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
  }
}

tcp::endpoint parse_address(const std::string& text) {
  const auto bad = [&] {
    return std::runtime_error(fmt::format(
        "expected an address as 0.0.0.0:8443, [::1]:8443 or :8443, found \"{}\"", text));
  };
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) throw bad();
  std::string host = text.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string::npos) {
    throw bad();
  }
  unsigned short port = 0;
  const char* const begin = text.data() + colon + 1;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(begin, end, port);
  if (begin == end || parsed.ec != std::errc() || parsed.ptr != end) throw bad();
  if (host.empty()) return {tcp::v6(), port};
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(host, error);
  if (error) throw bad();
  return {address, port};
}

std::string to_text(const tcp::endpoint& address) {
  const std::string host = address.address().to_string();
  const std::string port = std::to_string(address.port());
  return address.address().is_v6() ? fmt::format("[{}]:{}", host, port)
                                   : fmt::format("{}:{}", host, port);
}

}  // namespace cvm::webhook
