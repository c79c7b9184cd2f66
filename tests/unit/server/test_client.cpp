#include "tests/unit/server/test_client.hpp"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <stdexcept>
#include <utility>

namespace cvm::webhook {
namespace {

[[noreturn]] void fail(const std::string& what) {
  const char* reason = ERR_reason_error_string(ERR_get_error());
  ERR_clear_error();
  throw std::runtime_error(what + ": " + (reason != nullptr ? reason : "no reason given"));
}

int connect_to(unsigned short port) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval patience{10, 0};
  ::setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(descriptor);
    throw std::runtime_error("cannot connect");
  }
  return descriptor;
}

void trust(SSL_CTX* context, const std::string& pem) {
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  X509* certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
  X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate);
  X509_free(certificate);
  BIO_free(bio);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
}

}  // namespace

TestClient::TestClient(unsigned short port, Options options) {
  std::signal(SIGPIPE, SIG_IGN);
  socket_ = connect_to(port);
  if (!options.tls) return;
  context_.reset(SSL_CTX_new(TLS_client_method()));
  if (options.version != 0) {
    SSL_CTX_set_security_level(context_.get(), 0);  // old versions are refused by the server alone
    SSL_CTX_set_min_proto_version(context_.get(), options.version);
    SSL_CTX_set_max_proto_version(context_.get(), options.version);
  }
  if (!options.ca_pem.empty()) trust(context_.get(), options.ca_pem);
  ssl_.reset(SSL_new(context_.get()));
  if (!options.ca_pem.empty()) SSL_set1_host(ssl_.get(), "localhost");
  if (!options.alpn.empty()) {
    const std::string list = static_cast<char>(options.alpn.size()) + options.alpn;
    SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(list.data()),
                        static_cast<unsigned>(list.size()));
  }
  SSL_set_fd(ssl_.get(), socket_);
  if (SSL_connect(ssl_.get()) != 1) {
    ::close(socket_);
    fail("handshake failed");
  }
}

TestClient::~TestClient() {
  ssl_.reset();
  ::close(socket_);
}

void TestClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ssl_ ? SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
                               : ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) fail("cannot send");
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

std::optional<std::string> TestClient::read_some() {
  std::string bytes(16384, '\0');
  const ssize_t count = ssl_ ? SSL_read(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
                             : ::recv(socket_, bytes.data(), bytes.size(), 0);
  ERR_clear_error();
  if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
    throw std::runtime_error("nothing came for 10 s");
  }
  if (count <= 0) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(count));
  return bytes;
}

TestResponse TestClient::receive(bool head_only) {
  const auto more = [this] {
    auto bytes = read_some();
    if (!bytes) throw std::runtime_error("the connection ended within an answer: " + bytes_);
    bytes_ += *bytes;
  };
  std::size_t end;
  while ((end = bytes_.find("\r\n\r\n")) == std::string::npos) more();
  TestResponse response;
  response.status = static_cast<unsigned>(std::stoul(bytes_.substr(9, 3)));
  std::size_t line = bytes_.find("\r\n") + 2;
  while (line < end + 2) {
    const std::size_t colon = bytes_.find(':', line), next = bytes_.find("\r\n", line);
    std::string name = bytes_.substr(line, colon - line);
    std::transform(name.begin(), name.end(), name.begin(), ::tolower);
    response.fields[name] = bytes_.substr(colon + 2, next - colon - 2);
    line = next + 2;
  }
  bytes_.erase(0, end + 4);
  if (head_only || response.status == 100) return response;
  const std::size_t length = std::stoul(response.fields.at("content-length"));
  while (bytes_.size() < length) more();
  response.body = bytes_.substr(0, length);
  bytes_.erase(0, length);
  return response;
}

bool TestClient::is_closed() {
  try {
    return bytes_.empty() && !read_some();
  } catch (const std::runtime_error&) {
    return false;
  }
}

std::string TestClient::tls_version() const { return SSL_get_version(ssl_.get()); }

std::string TestClient::alpn() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

std::string TestClient::certificate_serial() const {
  X509* certificate = SSL_get1_peer_certificate(ssl_.get());
  BIGNUM* number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr);
  char* text = BN_bn2hex(number);
  const std::string result = text;
  OPENSSL_free(text);
  BN_free(number);
  X509_free(certificate);
  return result;
}

std::string post(std::string_view path, std::string_view body, std::string_view more_fields) {
  return "POST " + std::string(path) +
         " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
         std::string(more_fields) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body);
}

std::string get(std::string_view path) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

}  // namespace cvm::webhook
