// What an exchange with the API server may take.
#pragma once

#include <chrono>
#include <cstddef>

namespace cvm::webhook {

struct ApiLimits {
  std::chrono::milliseconds connect{10'000};    // TCP connection
  std::chrono::milliseconds handshake{10'000};  // TLS
  std::chrono::milliseconds response{60'000};   // from the request to the response's header
  // Between two pieces of a body. The API server sends a bookmark about once a minute, so a watch
  // that is silent for two and a half has lost its peer.
  std::chrono::milliseconds no_data{150'000};
  std::size_t header_bytes = 64 << 10;
};

}  // namespace cvm::webhook
