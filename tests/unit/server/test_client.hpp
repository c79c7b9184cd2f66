// TestClient: one connection to a server under test, with or without TLS, that blocks.
#pragma once

#include <openssl/ssl.h>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cvm::webhook {

struct TestResponse {
  unsigned status = 0;
  std::map<std::string, std::string> fields;  // names in lower case
  std::string body;

  bool closes() const {
    const auto field = fields.find("connection");
    return field != fields.end() && field->second == "close";
  }
};

class TestClient {
 public:
  struct Options {
    bool tls = true;
    int version = 0;       // TLS1_2_VERSION: exactly this one
    std::string alpn{};    // "h2": offered alone
    std::string ca_pem{};  // not empty: the server must prove a name of it, "localhost"
  };

  // Throws std::runtime_error when the connection or its handshake fails.
  explicit TestClient(unsigned short port) : TestClient(port, Options()) {}
  TestClient(unsigned short port, Options options);
  ~TestClient();
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;

  void send(std::string_view bytes);
  // The next answer with its Content-Length; throws when the connection ends first. `head_only`: an
  // answer to HEAD.
  TestResponse receive(bool head_only = false);
  // Waits for the server's end of the connection; false after 10 s, or when bytes come.
  bool is_closed();

  std::string tls_version() const;
  std::string alpn() const;
  std::string certificate_serial() const;

 private:
  std::optional<std::string> read_some();  // nullopt: the end

  int socket_ = -1;
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_{nullptr, &SSL_CTX_free};
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, &SSL_free};
  std::string bytes_;
};

// "POST /mutate HTTP/1.1" with a JSON body of Content-Length.
std::string post(std::string_view path, std::string_view body, std::string_view more_fields = {});
std::string get(std::string_view path);

}  // namespace cvm::webhook
