#include "webhook/server/tls_context.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <string>

namespace cvm::webhook {
namespace {

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

// AES-128 before AES-256: the API server prefers it too, and it is the cheapest with AES-NI.
constexpr const char* kTls13Suites =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char* kTls12Ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr const char* kGroups = "X25519:P-256:P-384";

constexpr unsigned char kHttp11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

int select_http_1_1(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned int offered_size, void*) {
  unsigned char* selected = nullptr;
  if (SSL_select_next_proto(&selected, out_size, kHttp11, sizeof kHttp11, offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = selected;
  return SSL_TLSEXT_ERR_OK;
}

Bio memory(std::string_view text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free);
}

// No prompt for the passphrase of an encrypted key.
int no_passphrase(char*, int, int, void*) { return 0; }

bool use_certificates(SSL_CTX* context, std::string_view pem) {
  const Bio bio = memory(pem);
  const Certificate first(PEM_read_bio_X509(bio.get(), nullptr, &no_passphrase, nullptr),
                          &X509_free);
  if (!first || SSL_CTX_use_certificate(context, first.get()) != 1) return false;
  while (X509* next = PEM_read_bio_X509(bio.get(), nullptr, &no_passphrase, nullptr)) {
    if (SSL_CTX_add0_chain_cert(context, next) != 1) {
      X509_free(next);
      return false;
    }
  }
  ERR_clear_error();  // the end of the text is reported as an error
  return true;
}

bool use_key(SSL_CTX* context, std::string_view pem) {
  const Bio bio = memory(pem);
  const Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, &no_passphrase, nullptr),
                &EVP_PKEY_free);
  return key && SSL_CTX_use_PrivateKey(context, key.get()) == 1;
}

}  // namespace

std::string take_tls_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  if (code == 0) return "no reason given";
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : "error " + std::to_string(code);
}

Result<TlsContext> make_tls_context(std::string_view certificate_pem, std::string_view key_pem) {
  ERR_clear_error();
  TlsContext context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  if (!context) return Error{fmt::format("cannot make a TLS context: {}", take_tls_error())};
  SSL_CTX* raw = context.get();
  if (SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_ciphersuites(raw, kTls13Suites) != 1 ||
      SSL_CTX_set_cipher_list(raw, kTls12Ciphers) != 1 ||
      SSL_CTX_set1_groups_list(raw, kGroups) != 1) {
    return Error{fmt::format("cannot set TLS versions and ciphers: {}", take_tls_error())};
  }
  SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION |
                               SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(raw, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_num_tickets(raw, 0);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  // One read of the socket takes a record's head, its body and what follows.
  SSL_CTX_set_read_ahead(raw, 1);
  SSL_CTX_set_alpn_select_cb(raw, &select_http_1_1, nullptr);

  if (!use_certificates(raw, certificate_pem)) {
    return Error{fmt::format("expected a PEM certificate, found none that can be used: {}",
                             take_tls_error())};
  }
  if (!use_key(raw, key_pem)) {
    return Error{fmt::format("expected a PEM private key, found none that can be used: {}",
                             take_tls_error())};
  }
  if (SSL_CTX_check_private_key(raw) != 1) {
    return Error{
        fmt::format("the private key does not belong to the certificate: {}", take_tls_error())};
  }
  return context;
}

}  // namespace cvm::webhook
