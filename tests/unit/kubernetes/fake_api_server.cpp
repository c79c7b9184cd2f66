#include "fake_api_server.hpp"

#include <sys/socket.h>

#include <atomic>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/ssl/verify_context.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <list>
#include <mutex>
#include <thread>

namespace cvm::webhook {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

template <typename Stream>
class StreamExchange : public FakeExchange {
 public:
  StreamExchange(Stream& stream, tcp::socket& socket) : stream_(stream), socket_(socket) {}

  void write(std::string_view raw) override {
    error_code ignored;
    asio::write(stream_, asio::buffer(raw.data(), raw.size()), ignored);
  }
  void hold() override {
    char byte = 0;
    error_code ignored;
    asio::read(stream_, asio::buffer(&byte, 1), ignored);
  }
  void drop() override {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_both, ignored);
  }

 private:
  Stream& stream_;
  tcp::socket& socket_;
};

}  // namespace

void FakeExchange::respond(int status, std::string_view body, std::string_view extra_header) {
  write("HTTP/1.1 " + std::to_string(status) + " Reason\r\nContent-Type: application/json\r\n" +
        std::string(extra_header) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
        std::string(body));
}

void FakeExchange::start_stream() {
  write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
}

void FakeExchange::send_chunk(std::string_view text) {
  char size[32];
  std::snprintf(size, sizeof size, "%zx\r\n", text.size());
  write(size + std::string(text) + "\r\n");
}

void FakeExchange::end_stream() { write("0\r\n\r\n"); }

struct FakeApiServer::Impl {
  Impl(Handler handler_in, std::optional<Tls> tls_in)
      : handler(std::move(handler_in)),
        acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
        port(acceptor.local_endpoint().port()) {
    if (!tls_in) return;
    context.emplace(asio::ssl::context::tls_server);
    context->use_certificate_chain(asio::buffer(tls_in->pair.certificate_pem));
    context->use_private_key(asio::buffer(tls_in->pair.key_pem), asio::ssl::context::pem);
    if (tls_in->client_ca_pem.empty()) return;
    context->add_certificate_authority(asio::buffer(tls_in->client_ca_pem));
    context->set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
    // The certificates that tests have at hand are for servers.
    context->set_verify_callback([](bool verified, asio::ssl::verify_context& state) {
      return verified ||
             X509_STORE_CTX_get_error(state.native_handle()) == X509_V_ERR_INVALID_PURPOSE;
    });
  }

  void accept_all() {
    for (;;) {
      tcp::socket socket(io);
      error_code error;
      acceptor.accept(socket, error);
      const std::lock_guard lock(mutex);
      if (error || stopping) return;
      const int fd = socket.native_handle();
      open_sockets.push_back(fd);
      connections.emplace_back(
          [this, fd, owned = std::move(socket)]() mutable { connection(std::move(owned), fd); });
    }
  }

  void connection(tcp::socket socket, int fd) {
    if (context) {
      asio::ssl::stream<tcp::socket&> stream(socket, *context);
      error_code error;
      stream.handshake(asio::ssl::stream_base::server, error);
      if (!error) answer_all(stream, socket);
    } else {
      answer_all(socket, socket);
    }
    // Under the lock, so that no number of a closed socket is shut down.
    const std::lock_guard lock(mutex);
    open_sockets.remove(fd);
    socket.close();
  }

  template <typename Stream>
  void answer_all(Stream& stream, tcp::socket& socket) {
    boost::beast::flat_buffer buffer;
    StreamExchange<Stream> exchange(stream, socket);
    for (;;) {
      http::request<http::string_body> message;
      error_code error;
      http::read(stream, buffer, message, error);
      if (error) return;
      FakeRequest request;
      request.target = std::string(message.target());
      request.method = std::string(message.method_string());
      request.content_type = std::string(message[http::field::content_type]);
      request.body = message.body();
      request.authorization = std::string(message[http::field::authorization]);
      request.is_watch = request.target.find("watch=true") != std::string::npos;
      {
        const std::lock_guard lock(mutex);
        requests.push_back(request);
      }
      handler(request, exchange);
    }
  }

  Handler handler;
  asio::io_context io;
  tcp::acceptor acceptor;
  unsigned short port;
  std::optional<asio::ssl::context> context;

  mutable std::mutex mutex;
  bool stopping = false;
  std::list<int> open_sockets;
  std::list<std::thread> connections;
  std::vector<FakeRequest> requests;
  std::thread accepting;
};

FakeApiServer::FakeApiServer(Handler handler, std::optional<Tls> tls)
    : impl_(std::make_unique<Impl>(std::move(handler), std::move(tls))) {
  impl_->accepting = std::thread([impl = impl_.get()] { impl->accept_all(); });
}

FakeApiServer::~FakeApiServer() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopping = true;
    for (const int fd : impl_->open_sockets) ::shutdown(fd, SHUT_RDWR);
    ::shutdown(impl_->acceptor.native_handle(), SHUT_RDWR);
  }
  impl_->accepting.join();
  for (std::thread& connection : impl_->connections) connection.join();
}

std::string FakeApiServer::port() const { return std::to_string(impl_->port); }

ClusterAccess FakeApiServer::access() const {
  ClusterAccess access;
  access.host = "127.0.0.1";
  access.port = port();
  access.tls = impl_->context.has_value();
  return access;
}

std::vector<FakeRequest> FakeApiServer::requests() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->requests;
}

std::string node_json(const std::string& name, const std::string& version,
                      const std::string& kernel, const std::string& heartbeat) {
  return R"({"kind":"Node","metadata":{"name":")" + name + R"(","resourceVersion":")" + version +
         R"("},"status":{"conditions":[{"lastHeartbeatTime":")" + heartbeat +
         R"("}],"nodeInfo":{"kernelVersion":")" + kernel + R"("}}})";
}

std::string list_json(const std::string& version, const std::vector<std::string>& nodes,
                      const std::string& next) {
  std::string items;
  for (const std::string& node : nodes) items += (items.empty() ? "" : ",") + node;
  return R"({"kind":"NodeList","metadata":{"resourceVersion":")" + version + R"(","continue":")" +
         next + R"("},"items":[)" + items + "]}";
}

std::string event_json(const std::string& type, const std::string& object) {
  return R"({"type":")" + type + R"(","object":)" + object + "}\n";
}

std::string bookmark_json(const std::string& version) {
  return event_json("BOOKMARK",
                    R"({"kind":"Node","metadata":{"resourceVersion":")" + version + R"("}})");
}

std::string status_json(int code, const std::string& message) {
  return R"({"kind":"Status","code":)" + std::to_string(code) + R"(,"message":")" + message +
         R"("})";
}

}  // namespace cvm::webhook
