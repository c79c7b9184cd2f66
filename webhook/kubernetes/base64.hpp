// Base64 as kubeconfig files carry it (RFC 4648, padded; white space is ignored).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cvm::webhook {

// Nothing when `text` is not base64.
std::optional<std::string> decode_base64(std::string_view text);

std::string encode_base64(std::string_view bytes);

}  // namespace cvm::webhook
