#include "webhook/kubernetes/access/client_tls.hpp"

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <string>

namespace cvm::webhook {
namespace {

namespace ssl = boost::asio::ssl;

const std::string& expected_name(const ClusterAccess& access) {
  return access.server_name.empty() ? access.host : access.server_name;
}

bool is_address(const std::string& host) {
  boost::system::error_code error;
  boost::asio::ip::make_address(host, error);
  return !error;
}

}  // namespace

Result<std::unique_ptr<ssl::context>> make_client_tls(const ClusterAccess& access) {
  auto context = std::make_unique<ssl::context>(ssl::context::tls_client);
  boost::system::error_code error;
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  context->set_verify_mode(access.insecure_skip_tls_verify ? ssl::verify_none : ssl::verify_peer,
                           error);
  if (access.ca_pem.empty()) {
    context->set_default_verify_paths(error);
  } else {
    context->add_certificate_authority(boost::asio::buffer(access.ca_pem), error);
  }
  if (error)
    return Error{fmt::format("the certificate authority cannot be used: {}", error.message())};
  // As Go does: a certificate that is given as trusted need not lead to a self-signed one.
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context->native_handle()),
                              X509_V_FLAG_PARTIAL_CHAIN);
  if (access.client_certificate_pem.empty()) return context;
  context->use_certificate_chain(boost::asio::buffer(access.client_certificate_pem), error);
  if (error)
    return Error{fmt::format("the client certificate cannot be used: {}", error.message())};
  context->use_private_key(boost::asio::buffer(access.client_key_pem), ssl::context::pem, error);
  if (error) return Error{fmt::format("the client key cannot be used: {}", error.message())};
  return context;
}

Result<void> expect_server(SSL* ssl, const ClusterAccess& access) {
  const std::string& name = expected_name(access);
  // RFC 6066: no addresses in the server name indication.
  if (is_address(name)) {
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name.c_str()) == 1) return {};
  } else if (SSL_set_tlsext_host_name(ssl, name.c_str()) == 1 &&
             SSL_set1_host(ssl, name.c_str()) == 1) {
    return {};
  }
  return Error{fmt::format("\"{}\" cannot be used as a TLS server name", name)};
}

std::string handshake_failure(SSL* ssl, const boost::system::error_code& error) {
  const long verified = SSL_get_verify_result(ssl);
  if (verified == X509_V_OK || SSL_get_verify_mode(ssl) == SSL_VERIFY_NONE) return error.message();
  return std::string("its certificate is refused: ") + X509_verify_cert_error_string(verified);
}

}  // namespace cvm::webhook
