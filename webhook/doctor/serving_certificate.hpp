// The certificates that a TLS server presents.
#pragma once

#include <string>

#include "policies/model/result.hpp"

namespace cvm::webhook {

// The chain as PEM, the server's own certificate first; nothing is sent and nothing is verified.
// Blocks, for ten seconds at most once the system has resolved the name. `name` is asked for by
// SNI, where it is no address.
Result<std::string> fetch_certificates(const std::string& host, const std::string& port,
                                       const std::string& name);

}  // namespace cvm::webhook
