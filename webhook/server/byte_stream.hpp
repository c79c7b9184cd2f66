// ByteStream: a connection's bytes, with or without TLS, on a socket that never blocks.
//
// A stream does not wait: what cannot be done now is said by kWantRead or kWantWrite, and the
// session waits for the socket. It does not own the socket, which outlives it.
#pragma once

#include <cstddef>
#include <string>

namespace cvm::webhook {

enum class Io {
  kDone,
  kWantRead,   // again when the socket is readable
  kWantWrite,  // again when the socket is writable
  kEnd,        // the peer ended the connection
  kFailed,     // failure() says why
};

class ByteStream {
 public:
  virtual ~ByteStream() = default;

  virtual bool has_handshake() const = 0;
  // Before the first read or write, when there is one; repeated until kDone.
  virtual Io handshake() = 0;
  // kDone: `got` > 0 bytes were read.
  virtual Io read(char* data, std::size_t size, std::size_t& got) = 0;
  // kDone: `sent` > 0 bytes were written, perhaps fewer than `size`.
  virtual Io write(const char* data, std::size_t size, std::size_t& sent) = 0;
  // Bytes were taken from the socket that read() has not given yet: waiting for the socket would
  // miss them.
  virtual bool has_pending() const = 0;
  // Gives back what is only needed while bytes flow. The next read or write gets it anew.
  virtual void release_memory() = 0;
  // Tells the peer that nothing more will be written. Best effort.
  virtual void finish() = 0;

  virtual std::string failure() const = 0;
};

}  // namespace cvm::webhook
