// TlsStream: OpenSSL directly on the socket.
//
// asio::ssl::stream would put a BIO pair and two buffers of 17 KiB between them: 68 KiB more for
// each idle connection, and copies.
#pragma once

#include <memory>

#include "webhook/server/byte_stream.hpp"
#include "webhook/server/tls_context.hpp"

namespace cvm::webhook {

class TlsStream final : public ByteStream {
 public:
  TlsStream(const TlsContext& context, int socket);

  bool has_handshake() const override { return true; }
  Io handshake() override;
  Io read(char* data, std::size_t size, std::size_t& got) override;
  Io write(const char* data, std::size_t size, std::size_t& sent) override;
  bool has_pending() const override;
  void release_memory() override;
  void finish() override;
  std::string failure() const override { return failure_; }

 private:
  Io from_result(int result);

  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
  int socket_;
  bool established_ = false;
  std::string failure_;
};

}  // namespace cvm::webhook
