#include "webhook/server/session.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <utility>

namespace cvm::webhook {
namespace {

using boost::asio::ip::tcp;

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
// Steps of one connection before others of its thread have their turn.
constexpr int kStepsInTurn = 64;
// A handshake that fails is worth a warning, a thousand of them are not worth a thousand.
constexpr std::chrono::seconds kHandshakeWarningInterval{10};

}  // namespace

Session::Session(SessionContext& context, tcp::socket socket, std::unique_ptr<ByteStream> stream)
    : context_(context),
      socket_(std::move(socket)),
      stream_(std::move(stream)),
      reader_(context.buffers, context.limits) {
  context_.counters.accepted.add();
  context_.counters.open.add();
  enter(stream_->has_handshake() ? Phase::kHandshake : Phase::kIdle);
}

Session::~Session() {
  if (in_flight_) context_.counters.requests_in_flight.subtract();
  context_.counters.open.subtract();
  context_.connections.fetch_sub(1, std::memory_order_relaxed);
}

void Session::enter(Phase phase) {
  const Limits& limits = context_.limits;
  phase_ = phase;
  switch (phase) {
    case Phase::kHandshake:
      deadline_ = context_.now + limits.handshake_timeout;
      break;
    case Phase::kIdle:
      deadline_ = context_.now + limits.idle_timeout;
      break;
    case Phase::kHead:
      deadline_ = context_.now + limits.header_timeout;
      break;
    case Phase::kBody:
      deadline_ = context_.now + limits.body_timeout;
      break;
    case Phase::kWrite:
      deadline_ = context_.now + limits.write_timeout;
      break;
    case Phase::kLinger:
      deadline_ = context_.now + limits.linger_timeout;
      break;
    case Phase::kErrand:  // ends by itself
    case Phase::kClosed:
      deadline_ = Clock::time_point::max();
      break;
  }
}

Session::Need Session::advance() {
  try {
    for (int steps = 0; steps < kStepsInTurn; ++steps) {
      const Need need = step();
      if (need != Need::kTurn) return need;
    }
    return Need::kTurn;
  } catch (const std::exception& error) {
    context_.log.error("connection closed by a fault", {{"reason", error.what()}});
    return close();
  }
}

// kTurn: there is more to do at once.
Session::Need Session::step() {
  switch (phase_) {
    case Phase::kHandshake:
      return shake_hands();
    case Phase::kIdle:
    case Phase::kHead:
    case Phase::kBody:
      return receive();
    case Phase::kErrand:
      return answer();
    case Phase::kWrite:
      return write_rest();
    case Phase::kLinger:
      return linger();
    case Phase::kClosed:
      break;
  }
  return Need::kNothing;
}

Session::Need Session::shake_hands() {
  const Io io = stream_->handshake();
  if (io == Io::kWantRead) return Need::kRead;
  if (io == Io::kWantWrite) return Need::kWrite;
  if (io == Io::kDone) {
    context_.counters.handshakes.add();
    enter(Phase::kIdle);
    // The first request comes a round trip later, unless its bytes are here already.
    return stream_->has_pending() ? Need::kTurn : Need::kRead;
  }
  context_.counters.handshake_failures.add();
  if (io == Io::kFailed && context_.now >= context_.next_handshake_warning) {
    context_.next_handshake_warning = context_.now + kHandshakeWarningInterval;
    boost::system::error_code ignored;
    const auto peer = socket_.remote_endpoint(ignored);
    context_.log.warn("TLS handshake failed",
                      {{"reason", stream_->failure()}, {"peer", peer.address().to_string()}});
  }
  return close();
}

Session::Need Session::receive() {
  if (!bytes_left_) {
    memory_released_ = false;
    const std::span<char> space = reader_.space();
    std::size_t got = 0;
    const Io io = stream_->read(space.data(), space.size(), got);
    if (io != Io::kDone) reader_.give_back_unused();
    if (io == Io::kWantRead) return Need::kRead;
    if (io == Io::kWantWrite) return Need::kWrite;
    if (io != Io::kDone) return close();
    reader_.commit(got);
  }
  bytes_left_ = false;
  if (!in_flight_) {
    in_flight_ = true;
    context_.counters.requests_in_flight.add();
  }
  return continue_request();
}

Session::Need Session::continue_request() {
  RequestReader::Status status = reader_.parse();
  if (status == RequestReader::Status::kHead) {
    if (!accept_head()) return close();
    status = reader_.parse();
    if (status == RequestReader::Status::kNeedMore) {
      if (route_.refusal) return refuse(route_.refusal);  // without waiting for its body
      enter(Phase::kBody);
    }
  }
  switch (status) {
    case RequestReader::Status::kComplete:
      request_read_ = true;
      return route_.refusal ? refuse(route_.refusal) : answer();
    case RequestReader::Status::kRefused:
      route_ = {};
      return refuse(reader_.refusal());
    default:
      if (phase_ == Phase::kIdle) enter(Phase::kHead);
      // Bytes that OpenSSL has taken already would not make the socket readable.
      return stream_->has_pending() ? Need::kTurn : Need::kRead;
  }
}

// False: the connection is of no use any more.
bool Session::accept_head() {
  request_read_ = false;
  keep_alive_ = reader_.keep_alive();
  const RequestHead& head = reader_.head();
  route_ = context_.handler.route(head);
  if (route_.refusal || head.expect.empty() || !reader_.awaits_body()) return true;
  std::size_t sent = 0;
  return stream_->write(kContinue.data(), kContinue.size(), sent) == Io::kDone &&
         sent == kContinue.size();
}

Session::Need Session::answer() {
  std::string& body = context_.writer.start();
  const std::shared_ptr<Errand> done = std::exchange(errand_, nullptr);
  Answer answer = context_.handler.answer(route_, reader_.body(), done.get(), body);
  if (answer.errand) {
    errand_ = std::move(answer.errand);
    enter(Phase::kErrand);
    return Need::kErrand;
  }
  if (context_.draining) keep_alive_ = false;
  return send({.status = answer.status,
               .content_type = answer.content_type,
               .allow = {},
               .keep_alive = keep_alive_,
               .is_http_1_0 = reader_.is_http_1_0(),
               .head_only = route_.head_only});
}

Session::Need Session::refuse(const Refusal& refusal) {
  context_.counters.count_refusal(refusal.status);
  context_.log.debug("request refused", {{"status", static_cast<std::int64_t>(refusal.status)},
                                         {"reason", refusal.message}});
  std::string& body = context_.writer.start();
  body += refusal.message;
  body += '\n';
  if (!request_read_ || context_.draining) keep_alive_ = false;
  return send({.status = refusal.status,
               .content_type = kPlainText,
               .allow = refusal.allow,
               .keep_alive = keep_alive_,
               .is_http_1_0 = false,
               .head_only = route_.head_only});
}

Session::Need Session::send(const ResponseHead& head) {
  std::string_view bytes = context_.writer.finish(head);
  while (!bytes.empty()) {
    std::size_t sent = 0;
    const Io io = stream_->write(bytes.data(), bytes.size(), sent);
    if (io == Io::kEnd || io == Io::kFailed) return close();
    if (io != Io::kDone) {
      unsent_ = bytes;
      unsent_begin_ = 0;
      enter(Phase::kWrite);
      return io == Io::kWantWrite ? Need::kWrite : Need::kRead;
    }
    bytes.remove_prefix(sent);
  }
  return written();
}

Session::Need Session::write_rest() {
  std::size_t sent = 0;
  const Io io =
      stream_->write(unsent_.data() + unsent_begin_, unsent_.size() - unsent_begin_, sent);
  if (io == Io::kWantWrite) return Need::kWrite;
  if (io == Io::kWantRead) return Need::kRead;
  if (io != Io::kDone) return close();
  unsent_begin_ += sent;
  if (unsent_begin_ < unsent_.size()) return Need::kTurn;
  unsent_ = std::string();
  return written();
}

Session::Need Session::written() {
  in_flight_ = false;
  context_.counters.requests_in_flight.subtract();
  if (request_read_) {
    reader_.next();
    bytes_left_ = !reader_.is_empty();
  }
  if (!keep_alive_) {
    if (request_read_ && !bytes_left_) return close();
    stream_->finish();
    boost::system::error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    enter(Phase::kLinger);
    return Need::kTurn;
  }
  enter(Phase::kIdle);
  return bytes_left_ || stream_->has_pending() ? Need::kTurn : Need::kRead;
}

// What still comes is thrown away: closing with bytes unread would reset the connection, and the
// peer might not see the answer.
Session::Need Session::linger() {
  std::array<char, 16 * 1024> bytes;
  boost::system::error_code error;
  socket_.read_some(boost::asio::buffer(bytes), error);
  if (error == boost::asio::error::would_block) return Need::kRead;
  return error ? close() : Need::kTurn;
}

Session::Need Session::close() {
  if (phase_ != Phase::kClosed) {
    stream_->finish();
    boost::system::error_code ignored;
    socket_.close(ignored);
    enter(Phase::kClosed);
  }
  return Need::kNothing;
}

void Session::abort() { close(); }

void Session::expire() {
  if (phase_ == Phase::kHandshake) context_.counters.handshake_failures.add();
  if (phase_ != Phase::kIdle && phase_ != Phase::kLinger) context_.counters.timeouts.add();
  if (phase_ == Phase::kHead || phase_ == Phase::kBody) {
    request_read_ = false;
    route_ = {};
    refuse({408, "expected the whole request in time, found a part of it", {}});
  }
  close();
}

void Session::close_if_idle() {
  if (phase_ != Phase::kIdle) return;
  boost::system::error_code error;
  if (socket_.available(error) == 0 && !stream_->has_pending()) close();
}

void Session::release_memory() {
  if (memory_released_) return;
  memory_released_ = true;
  stream_->release_memory();
}

boost::asio::awaitable<void> run_session(std::unique_ptr<Session> session) {
  boost::system::error_code error;
  for (;;) {
    switch (session->advance()) {
      case Session::Need::kRead:
        co_await session->socket().async_wait(
            tcp::socket::wait_read, boost::asio::redirect_error(boost::asio::use_awaitable, error));
        break;
      case Session::Need::kWrite:
        co_await session->socket().async_wait(
            tcp::socket::wait_write,
            boost::asio::redirect_error(boost::asio::use_awaitable, error));
        break;
      case Session::Need::kTurn:
        co_await boost::asio::post(boost::asio::use_awaitable);
        break;
      case Session::Need::kErrand: {
        const std::shared_ptr<Errand> errand = session->errand();
        co_await errand->run();
        break;
      }
      case Session::Need::kNothing:
        co_return;
    }
    if (error) {
      session->abort();
      co_return;
    }
  }
}

}  // namespace cvm::webhook
