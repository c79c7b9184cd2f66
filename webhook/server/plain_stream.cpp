#include "webhook/server/plain_stream.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <system_error>

namespace cvm::webhook {

Io PlainStream::from_errno(Io would_block) {
  if (errno == EAGAIN || errno == EWOULDBLOCK) return would_block;
  if (errno == ECONNRESET || errno == EPIPE) return Io::kEnd;
  error_ = errno;
  return Io::kFailed;
}

Io PlainStream::read(char* data, std::size_t size, std::size_t& got) {
  ssize_t count;
  do {
    count = ::recv(socket_, data, size, 0);
  } while (count < 0 && errno == EINTR);
  if (count == 0) return Io::kEnd;
  if (count < 0) return from_errno(Io::kWantRead);
  got = static_cast<std::size_t>(count);
  return Io::kDone;
}

Io PlainStream::write(const char* data, std::size_t size, std::size_t& sent) {
  ssize_t count;
  do {
    count = ::send(socket_, data, size, MSG_NOSIGNAL);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return from_errno(Io::kWantWrite);
  sent = static_cast<std::size_t>(count);
  return Io::kDone;
}

std::string PlainStream::failure() const {
  return std::error_code(error_, std::generic_category()).message();
}

}  // namespace cvm::webhook
