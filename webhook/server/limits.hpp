// Limits: what one peer may use of us. Every one is a flag of `serve`.
#pragma once

#include <chrono>
#include <cstddef>

namespace cvm::webhook {

struct Limits {
  std::size_t max_header_bytes = 16 * 1024;
  // The API server's objects are at most 3 MiB as JSON; a review carries two of them.
  std::size_t max_body_bytes = 7 * 1024 * 1024;
  std::size_t max_connections = 16384;  // over it, new connections are closed at once

  // Each is the longest stay in one phase of a connection.
  std::chrono::milliseconds handshake_timeout{10'000};
  std::chrono::milliseconds header_timeout{10'000};  // from a request's first byte
  std::chrono::milliseconds body_timeout{30'000};
  std::chrono::milliseconds write_timeout{30'000};
  // Longer than the API server's own 90 s, or its next request races with our close.
  std::chrono::milliseconds idle_timeout{120'000};
  // After an answer to a request that was not read to its end: how long the rest is thrown away, so
  // that the peer sees the answer and not a reset.
  std::chrono::milliseconds linger_timeout{2'000};
  // Deadlines are looked at this often; idle memory is given back as often.
  std::chrono::milliseconds sweep_interval{250};
};

}  // namespace cvm::webhook
