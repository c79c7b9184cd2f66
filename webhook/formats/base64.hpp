// Base64 (RFC 4648, padded): of patches, kubeconfig files and caBundles.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cvm::webhook {

// Nothing when `text` is not base64; white space is ignored.
std::optional<std::string> decode_base64(std::string_view text);

// Of at most INT_MAX bytes.
void append_base64(std::string_view bytes, std::string& out);

}  // namespace cvm::webhook
