// FakeApiServer: an API server on loopback that answers as a test scripts it, over plain TCP or
// TLS.
//
// Blocking sockets and a thread a connection: nothing of the client that it tests.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "certs/certificate.hpp"
#include "webhook/kubernetes/access/cluster_access.hpp"

namespace cvm::webhook {

struct FakeRequest {
  std::string target;        // "/api/v1/nodes?limit=500"
  std::string method;        // "GET"
  std::string content_type;  // "" when absent
  std::string body;
  std::string authorization;  // "" when absent
  bool is_watch = false;
};

// The answer to one request. Writes to a client that has gone are ignored.
class FakeExchange {
 public:
  virtual ~FakeExchange() = default;

  virtual void write(std::string_view raw) = 0;
  // Until the client closes the connection or the server is stopped.
  virtual void hold() = 0;
  // Ends the connection without another byte.
  virtual void drop() = 0;

  void respond(int status, std::string_view body, std::string_view extra_header = "");
  void start_stream();  // 200, chunked
  void send_chunk(std::string_view text);
  void end_stream();
};

class FakeApiServer {
 public:
  // Called on the connection's thread for each request.
  using Handler = std::function<void(const FakeRequest&, FakeExchange&)>;

  struct Tls {
    certs::KeyPair pair;
    std::string client_ca_pem;  // empty: no client certificate is asked for
  };

  explicit FakeApiServer(Handler handler, std::optional<Tls> tls = std::nullopt);
  ~FakeApiServer();

  std::string port() const;
  ClusterAccess access() const;  // 127.0.0.1, without credentials or CA
  std::vector<FakeRequest> requests() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// {"kind":"Node",...} with a kernel version, and fields that change without changing a fact.
std::string node_json(const std::string& name, const std::string& version,
                      const std::string& kernel = "6.8.0", const std::string& heartbeat = "0");
std::string list_json(const std::string& version, const std::vector<std::string>& nodes,
                      const std::string& next = "");
std::string event_json(const std::string& type, const std::string& object);  // with a line end
std::string bookmark_json(const std::string& version);
std::string status_json(int code, const std::string& message);

}  // namespace cvm::webhook
