#include "webhook/server/tls_stream.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <new>
#include <string_view>
#include <system_error>

namespace cvm::webhook {
namespace {

constexpr std::string_view kPlainHttpAnswer =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 40\r\n"
    "Connection: close\r\n\r\nexpected HTTPS on this port, found HTTP\n";

int clamp_size(std::size_t size) { return static_cast<int>(std::min<std::size_t>(size, INT_MAX)); }

}  // namespace

TlsStream::TlsStream(const TlsContext& context, int socket)
    : ssl_(SSL_new(context.get()), &SSL_free), socket_(socket) {
  if (!ssl_ || SSL_set_fd(ssl_.get(), socket) != 1) {
    ERR_clear_error();
    throw std::bad_alloc();
  }
  SSL_set_accept_state(ssl_.get());
}

// OpenSSL's error queue must be empty before each call, or SSL_get_error() reports what is not this
// call's. So every failing path here leaves it empty.
Io TlsStream::from_result(int result) {
  const int system_error = errno;
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return Io::kWantRead;
    case SSL_ERROR_WANT_WRITE:
      return Io::kWantWrite;
    case SSL_ERROR_ZERO_RETURN:
      return Io::kEnd;
    case SSL_ERROR_SYSCALL:
      established_ = false;
      ERR_clear_error();
      if (system_error == 0 || system_error == ECONNRESET || system_error == EPIPE) return Io::kEnd;
      failure_ = std::error_code(system_error, std::generic_category()).message();
      return Io::kFailed;
    default:
      established_ = false;
      if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST) {
        ::send(socket_, kPlainHttpAnswer.data(), kPlainHttpAnswer.size(), MSG_NOSIGNAL);
      }
      failure_ = take_tls_error();
      return Io::kFailed;
  }
}

Io TlsStream::handshake() {
  errno = 0;
  const int result = SSL_do_handshake(ssl_.get());
  if (result != 1) return from_result(result);
  established_ = true;
  ERR_clear_error();
  return Io::kDone;
}

Io TlsStream::read(char* data, std::size_t size, std::size_t& got) {
  errno = 0;
  const int result = SSL_read(ssl_.get(), data, clamp_size(size));
  if (result <= 0) return from_result(result);
  got = static_cast<std::size_t>(result);
  return Io::kDone;
}

Io TlsStream::write(const char* data, std::size_t size, std::size_t& sent) {
  errno = 0;
  const int result = SSL_write(ssl_.get(), data, clamp_size(size));
  if (result <= 0) return from_result(result);
  sent = static_cast<std::size_t>(result);
  return Io::kDone;
}

bool TlsStream::has_pending() const { return SSL_has_pending(ssl_.get()) == 1; }

void TlsStream::release_memory() { SSL_free_buffers(ssl_.get()); }

void TlsStream::finish() {
  if (!established_) return;
  established_ = false;
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

}  // namespace cvm::webhook
