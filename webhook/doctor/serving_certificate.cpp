#include "webhook/doctor/serving_certificate.hpp"

#include <fmt/format.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <chrono>
#include <memory>
#include <optional>

#include "webhook/kubernetes/access/client_tls.hpp"

namespace cvm::webhook {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::seconds kTimeLimit{10};

std::string pem_of(SSL* ssl) {
  std::string text;
  STACK_OF(X509)* chain = SSL_get_peer_cert_chain(ssl);  // the connection's
  for (int each = 0; chain != nullptr && each < sk_X509_num(chain); ++each) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), BIO_free);
    if (!bio || PEM_write_bio_X509(bio.get(), sk_X509_value(chain, each)) != 1) return {};
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &bytes);
    text.append(bytes, static_cast<std::size_t>(size));
  }
  return text;
}

// Runs what was started on `io` until it is done or time is up.
void run(asio::io_context& io, std::chrono::steady_clock::time_point until) {
  io.restart();
  io.run_until(until);
}

}  // namespace

Result<std::string> fetch_certificates(const std::string& host, const std::string& port,
                                       const std::string& name) {
  const auto until = std::chrono::steady_clock::now() + kTimeLimit;
  const ClusterAccess access{.host = host,
                             .port = port,
                             .path_prefix = {},
                             .server_name = name,
                             .ca_pem = {},
                             .insecure_skip_tls_verify = true,
                             .client_certificate_pem = {},
                             .client_key_pem = {},
                             .token = {},
                             .ns = {},
                             .token_file = {}};
  const auto context = make_client_tls(access);
  if (!context) return context.error();
  asio::io_context io(1);
  tcp::resolver resolver(io);
  asio::ssl::stream<tcp::socket> stream(io, **context);
  if (const auto expected = expect_server(stream.native_handle(), access); !expected) {
    return expected.error();
  }
  std::optional<error_code> done;
  resolver.async_resolve(host, port, [&](const error_code& fault, const auto& found) {
    if (fault) {
      done = fault;
      return;
    }
    asio::async_connect(stream.next_layer(), found,
                        [&](const error_code& refused, const tcp::endpoint&) {
                          if (refused) {
                            done = refused;
                            return;
                          }
                          stream.async_handshake(asio::ssl::stream_base::client,
                                                 [&](const error_code& failed) { done = failed; });
                        });
  });
  run(io, until);
  if (!done) return Error{fmt::format("no answer within {} s", kTimeLimit.count())};
  if (*done) return Error{done->message()};
  return {boost::system::in_place_value, pem_of(stream.native_handle())};
}

}  // namespace cvm::webhook
