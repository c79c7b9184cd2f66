#include "webhook/server/session_group.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <exception>
#include <utility>

#include "webhook/server/plain_stream.hpp"
#include "webhook/server/session.hpp"
#include "webhook/server/tls_stream.hpp"

namespace cvm::webhook {

SessionGroup::SessionGroup(boost::asio::any_io_executor executor, Parts parts)
    : executor_(std::move(executor)),
      context_{parts.handler, parts.limits, parts.connections, parts.counters, parts.log},
      sweep_timer_(executor_) {
  context_.writer.set_date(std::chrono::system_clock::now());
  schedule_sweep();
}

SessionGroup::~SessionGroup() = default;

void SessionGroup::open(boost::asio::ip::tcp::socket socket, const TlsContext& tls) {
  if (stopped_) {
    context_.connections.fetch_sub(1, std::memory_order_relaxed);
    return;
  }
  boost::system::error_code ignored;
  socket.native_non_blocking(true, ignored);
  socket.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
  const int descriptor = socket.native_handle();
  std::unique_ptr<ByteStream> stream;
  if (tls) {
    stream = std::make_unique<TlsStream>(tls, descriptor);
  } else {
    stream = std::make_unique<PlainStream>(descriptor);
  }
  auto session = std::make_unique<Session>(context_, std::move(socket), std::move(stream));
  sessions_.push_back(*session);
  boost::asio::co_spawn(executor_, run_session(std::move(session)), boost::asio::detached);
}

void SessionGroup::schedule_sweep() {
  sweep_timer_.expires_after(context_.limits.sweep_interval);
  sweep_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error && !stopped_) sweep();
  });
}

void SessionGroup::sweep() {
  context_.now = SessionContext::Clock::now();
  context_.writer.set_date(std::chrono::system_clock::now());
  for (Session& session : sessions_) {
    if (session.is_overdue(context_.now)) {
      session.expire();
    } else if (session.is_idle()) {
      session.release_memory();
    }
  }
  context_.log.flush();
  schedule_sweep();
}

void SessionGroup::close_idle() {
  for (Session& session : sessions_) session.close_if_idle();
}

void SessionGroup::stop() {
  stopped_ = true;
  sweep_timer_.cancel();
  for (Session& session : sessions_) session.abort();
}

}  // namespace cvm::webhook
