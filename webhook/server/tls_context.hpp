// TlsContext: a certificate and key ready to serve.
//
// Immutable once made: a new pair is a new context, and connections keep the one they began with.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string_view>

#include "policies/model/result.hpp"

namespace cvm::webhook {

using TlsContext = std::shared_ptr<SSL_CTX>;

// TLS 1.2 and 1.3, forward secret AEAD suites, ALPN http/1.1, no session resumption: the API server
// never resumes, and tickets would only cost.
Result<TlsContext> make_tls_context(std::string_view certificate_pem, std::string_view key_pem);

// The oldest entry of OpenSSL's error queue of this thread as text; empties the queue.
std::string take_tls_error();

}  // namespace cvm::webhook
