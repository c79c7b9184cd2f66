// Whether a client trusts what a server presents.
#pragma once

#include <string>
#include <string_view>

#include "certs/certificate.hpp"

namespace cvm::certs {

// As the API server verifies a webhook: the chain (the server's certificate first) leads to one of
// `ca_pem` at `now`, and carries `name`, a DNS name or an address, among its alternative names. The
// error says what is wrong: "certificate has expired".
Result<void> verify_chain(std::string_view chain_pem, std::string_view ca_pem,
                          const std::string& name, TimePoint now);

}  // namespace cvm::certs
