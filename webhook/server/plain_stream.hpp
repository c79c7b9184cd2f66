// PlainStream: bytes as they are, for the operations port.
#pragma once

#include "webhook/server/byte_stream.hpp"

namespace cvm::webhook {

class PlainStream final : public ByteStream {
 public:
  explicit PlainStream(int socket) : socket_(socket) {}

  bool has_handshake() const override { return false; }
  Io handshake() override { return Io::kDone; }
  Io read(char* data, std::size_t size, std::size_t& got) override;
  Io write(const char* data, std::size_t size, std::size_t& sent) override;
  bool has_pending() const override { return false; }
  void release_memory() override {}
  void finish() override {}
  std::string failure() const override;

 private:
  Io from_errno(Io would_block);

  int socket_;
  int error_ = 0;
};

}  // namespace cvm::webhook
