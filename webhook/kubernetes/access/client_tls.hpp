// TLS as a client of the API server.
#pragma once

#include <openssl/types.h>

#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "policies/model/result.hpp"
#include "webhook/kubernetes/access/cluster_access.hpp"

namespace cvm::webhook {

// TLS 1.2 or 1.3, the access's trust anchors and client certificate.
Result<std::unique_ptr<boost::asio::ssl::context>> make_client_tls(const ClusterAccess& access);

// Server name indication and the name or address that the certificate must carry.
Result<void> expect_server(SSL* ssl, const ClusterAccess& access);

// Why the last handshake on `ssl` failed: the verification's reason where there is one.
std::string handshake_failure(SSL* ssl, const boost::system::error_code& error);

}  // namespace cvm::webhook
