#include "webhook/kubernetes/base64.hpp"

#include <openssl/evp.h>

#include <climits>
#include <memory>

namespace cvm::webhook {

std::optional<std::string> decode_base64(std::string_view text) {
  if (text.size() > INT_MAX) return std::nullopt;
  const std::unique_ptr<EVP_ENCODE_CTX, decltype(&EVP_ENCODE_CTX_free)> context(
      EVP_ENCODE_CTX_new(), &EVP_ENCODE_CTX_free);
  if (!context) return std::nullopt;
  EVP_DecodeInit(context.get());
  std::string decoded(text.size() / 4 * 3 + 3, '\0');
  auto* out = reinterpret_cast<unsigned char*>(decoded.data());
  const auto* in = reinterpret_cast<const unsigned char*>(text.data());
  int size = 0;
  int rest = 0;
  if (EVP_DecodeUpdate(context.get(), out, &size, in, static_cast<int>(text.size())) < 0 ||
      EVP_DecodeFinal(context.get(), out + size, &rest) < 0) {
    return std::nullopt;
  }
  decoded.resize(static_cast<std::size_t>(size) + static_cast<std::size_t>(rest));
  return decoded;
}

std::string encode_base64(std::string_view bytes) {
  std::string text(bytes.size() / 3 * 4 + 5, '\0');  // the last byte is a NUL
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

}  // namespace cvm::webhook
