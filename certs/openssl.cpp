#include "certs/openssl.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <climits>

namespace cvm::certs {
namespace {

// Without it OpenSSL asks for the password of an encrypted key on the terminal.
int refuse_password(char*, int, int, void*) { return -1; }

BioHandle memory_bio(std::string_view text) {
  if (text.size() > INT_MAX) return nullptr;
  return BioHandle(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

bool queue_ends_with_no_start_line() {
  const unsigned long code = ERR_peek_last_error();
  return ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
}

}  // namespace

Error openssl_error(std::string_view what) {
  Error error{std::string(what)};
  if (const unsigned long code = ERR_get_error(); code != 0) {
    const char* reason = ERR_reason_error_string(code);
    error.message += ": ";
    error.message += reason != nullptr ? reason : fmt::format("OpenSSL error {}", code);
  }
  ERR_clear_error();
  return error;
}

std::string bio_text(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return size > 0 ? std::string(data, static_cast<std::size_t>(size)) : std::string();
}

Result<KeyHandle> parse_key(std::string_view pem, std::string_view what) {
  ERR_clear_error();
  const BioHandle bio = memory_bio(pem);
  if (!bio) return openssl_error(what);
  KeyHandle key(PEM_read_bio_PrivateKey(bio.get(), nullptr, refuse_password, nullptr));
  if (key) return key;
  if (pem.find("ENCRYPTED") != std::string_view::npos) {
    ERR_clear_error();
    return Error{fmt::format("{} is encrypted; give it without a password", what)};
  }
  if (queue_ends_with_no_start_line() || pem.find("PRIVATE KEY-----") == std::string_view::npos) {
    ERR_clear_error();
    return Error{fmt::format("{} has no PEM private key", what)};
  }
  return openssl_error(fmt::format("{} cannot be read", what));
}

Result<std::vector<CertificateHandle>> parse_certificates(std::string_view pem) {
  ERR_clear_error();
  const BioHandle bio = memory_bio(pem);
  if (!bio) return openssl_error("certificate");
  std::vector<CertificateHandle> certificates;
  while (X509* next = PEM_read_bio_X509(bio.get(), nullptr, refuse_password, nullptr)) {
    certificates.emplace_back(next);
  }
  if (!queue_ends_with_no_start_line()) {
    return openssl_error(
        fmt::format("certificate {} of the bundle cannot be read", certificates.size() + 1));
  }
  ERR_clear_error();
  if (certificates.empty()) return Error{"no PEM certificate (-----BEGIN CERTIFICATE-----) found"};
  return certificates;
}

std::string format_time(TimePoint time) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

}  // namespace cvm::certs
