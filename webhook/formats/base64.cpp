#include "webhook/formats/base64.hpp"

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

void append_base64(std::string_view bytes, std::string& out) {
  const std::size_t start = out.size();
  const std::size_t length = (bytes.size() + 2) / 3 * 4;
  out.resize(start + length + 1);  // EVP_EncodeBlock ends its text with a NUL
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data() + start),
                  reinterpret_cast<const unsigned char*>(bytes.data()),
                  static_cast<int>(bytes.size()));
  out.resize(start + length);
}

}  // namespace cvm::webhook
