
#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "certs/openssl.hpp"

namespace cvm::certs {
namespace {

constexpr std::chrono::minutes kClockSkew{5};
constexpr std::chrono::hours kLongestValidity{24 * 365 * 100};
constexpr std::size_t kLongestCommonName = 64;  // ub-common-name, RFC 5280 appendix A.1
constexpr int kSerialBits = 127;                // random and positive; RFC 5280 4.1.2.2: 20 octets

bool is_dns_name(std::string_view name) {
  if (name.starts_with("*.")) name.remove_prefix(2);
  if (name.empty() || name.size() > 253) return false;
  std::size_t label = 0;
  char previous = '.';
  for (const char c : name) {
    const bool alphanumeric =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (c == '.') {
      if (label == 0 || previous == '-') return false;
      label = 0;
    } else if (alphanumeric || (c == '-' && label > 0)) {
      if (++label > 63) return false;
    } else {
      return false;
    }
    previous = c;
  }
  return label > 0 && previous != '-';
}

// Takes `value` over, also when it fails.
bool push_name(GENERAL_NAMES* names, int type, ASN1_STRING* value) {
  GeneralNameHandle name(GENERAL_NAME_new());
  if (!name || value == nullptr) {
    ASN1_STRING_free(value);
    return false;
  }
  GENERAL_NAME_set0_value(name.get(), type, value);
  if (sk_GENERAL_NAME_push(names, name.get()) == 0) return false;
  [[maybe_unused]] const GENERAL_NAME* const owned_by_list = name.release();
  return true;
}

Result<GeneralNamesHandle> alternative_names(const ServingOptions& options) {
  GeneralNamesHandle names(GENERAL_NAMES_new());
  if (!names) return openssl_error("subject alternative names");
  for (const std::string& dns : options.dns_names) {
    if (!is_dns_name(dns)) return Error{fmt::format("\"{}\" is not a DNS name", dns)};
    ASN1_STRING* value = ASN1_IA5STRING_new();
    if (value == nullptr || ASN1_STRING_set(value, dns.data(), static_cast<int>(dns.size())) != 1 ||
        !push_name(names.get(), GEN_DNS, value)) {
      return openssl_error(fmt::format("the DNS name {}", dns));
    }
  }
  for (const std::string& ip : options.ip_addresses) {
    ASN1_STRING* value = a2i_IPADDRESS(ip.c_str());
    if (value == nullptr) {
      ERR_clear_error();
      return Error{fmt::format("\"{}\" is not an IPv4 or IPv6 address", ip)};
    }
    if (!push_name(names.get(), GEN_IPADD, value))
      return openssl_error(fmt::format("the address {}", ip));
  }
  return names;
}

bool set_random_serial(X509* certificate) {
  const BignumHandle number(BN_new());
  return number && BN_rand(number.get(), kSerialBits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool set_common_name(X509* certificate, const std::string& name) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(name.data());
  return X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate), NID_commonName,
                                    MBSTRING_UTF8, bytes, static_cast<int>(name.size()), -1,
                                    0) == 1;
}

bool add_extension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const ExtensionHandle extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

// Version, serial, validity and key: what a CA and a serving certificate have in common.
Result<CertificateHandle> new_certificate(EVP_PKEY* key, TimePoint from, TimePoint until) {
  CertificateHandle certificate(X509_new());
  X509* raw = certificate.get();
  const std::time_t not_before = std::chrono::system_clock::to_time_t(from);
  const std::time_t not_after = std::chrono::system_clock::to_time_t(until);
  if (raw == nullptr || X509_set_version(raw, X509_VERSION_3) != 1 || !set_random_serial(raw) ||
      ASN1_TIME_set(X509_getm_notBefore(raw), not_before) == nullptr ||
      ASN1_TIME_set(X509_getm_notAfter(raw), not_after) == nullptr ||
      X509_set_pubkey(raw, key) != 1) {
    return openssl_error("a new certificate");
  }
  return certificate;
}

Result<KeyPair> to_pem(X509* certificate, EVP_PKEY* key) {
  const BioHandle certificate_bio(BIO_new(BIO_s_mem()));
  const BioHandle key_bio(BIO_new(BIO_s_secmem()));  // cleared when freed
  if (!certificate_bio || !key_bio || PEM_write_bio_X509(certificate_bio.get(), certificate) != 1 ||
      PEM_write_bio_PKCS8PrivateKey(key_bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) !=
          1) {
    return openssl_error("writing PEM");
  }
  return KeyPair{bio_text(certificate_bio.get()), bio_text(key_bio.get())};
}

Result<void> check_validity(std::chrono::hours validity) {
  if (validity.count() >= 1 && validity <= kLongestValidity) return {};
  return Error{
      fmt::format("a validity of {}h; expected 1h to 876000h (100 years)", validity.count())};
}

}  // namespace

Result<KeyPair> issue_ca(const CaOptions& options, TimePoint now) {
  ERR_clear_error();
  if (Result<void> valid = check_validity(options.validity); !valid) return valid.error();
  if (options.common_name.empty() || options.common_name.size() > kLongestCommonName) {
    return Error{fmt::format("the CA's common name has {} bytes; expected 1 to 64",
                             options.common_name.size())};
  }
  const KeyHandle key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  if (!key) return openssl_error("generating a P-256 key");
  const Result<CertificateHandle> certificate =
      new_certificate(key.get(), now - kClockSkew, now + options.validity);
  if (!certificate) return certificate.error();
  X509* raw = certificate->get();
  if (!set_common_name(raw, options.common_name) ||
      X509_set_issuer_name(raw, X509_get_subject_name(raw)) != 1 ||
      !add_extension(raw, raw, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
      !add_extension(raw, raw, NID_key_usage, "critical,keyCertSign,cRLSign") ||
      !add_extension(raw, raw, NID_subject_key_identifier, "hash") ||
      !add_extension(raw, raw, NID_authority_key_identifier, "keyid:always") ||
      X509_sign(raw, key.get(), EVP_sha256()) == 0) {
    return openssl_error("issuing the CA certificate");
  }
  return to_pem(raw, key.get());
}

Result<KeyPair> issue_serving(const KeyPair& ca, const ServingOptions& options, TimePoint now) {
  ERR_clear_error();
  if (Result<void> valid = check_validity(options.validity); !valid) return valid.error();
  if (options.dns_names.empty() && options.ip_addresses.empty()) {
    return Error{"a serving certificate needs at least one DNS name or IP address"};
  }
  const Result<CertificateFacts> ca_facts = check_pair(ca, now);
  if (!ca_facts) return Error{"CA: " + ca_facts.error().message};
  if (!ca_facts->is_ca) {
    return Error{
        fmt::format("CA: the certificate {} is not a CA's (basicConstraints)", ca_facts->subject)};
  }
  const Result<std::vector<CertificateHandle>> ca_chain = parse_certificates(ca.certificate_pem);
  const Result<KeyHandle> ca_key = parse_key(ca.key_pem, "the CA's private key");
  if (!ca_chain || !ca_key) return Error{"CA: it cannot be read"};
  X509* issuer = ca_chain->front().get();

  const Result<GeneralNamesHandle> names = alternative_names(options);
  if (!names) return names.error();
  std::string common_name = options.common_name;
  if (common_name.empty()) {
    common_name = options.dns_names.empty() ? options.ip_addresses[0] : options.dns_names[0];
    // Clients read the alternative names; a name too long for the subject is left out of it.
    if (common_name.size() > kLongestCommonName) common_name.clear();
  } else if (common_name.size() > kLongestCommonName) {
    return Error{
        fmt::format("the common name has {} bytes; expected at most 64", common_name.size())};
  }

  const KeyHandle key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  if (!key) return openssl_error("generating a P-256 key");
  // Past its CA's end a certificate verifies nowhere, so it does not claim to be valid there.
  const TimePoint until = std::min(now + options.validity, ca_facts->not_after);
  const Result<CertificateHandle> certificate = new_certificate(key.get(), now - kClockSkew, until);
  if (!certificate) return certificate.error();
  X509* raw = certificate->get();
  // RFC 5280 4.2.1.6: critical where the subject is empty.
  const int names_critical = common_name.empty() ? 1 : 0;
  if ((!common_name.empty() && !set_common_name(raw, common_name)) ||
      X509_set_issuer_name(raw, X509_get_subject_name(issuer)) != 1 ||
      !add_extension(raw, issuer, NID_basic_constraints, "critical,CA:FALSE") ||
      !add_extension(raw, issuer, NID_key_usage, "critical,digitalSignature") ||
      !add_extension(raw, issuer, NID_ext_key_usage, "serverAuth") ||
      !add_extension(raw, issuer, NID_subject_key_identifier, "hash") ||
      !add_extension(raw, issuer, NID_authority_key_identifier, "keyid") ||
      X509_add1_ext_i2d(raw, NID_subject_alt_name, names->get(), names_critical,
                        X509V3_ADD_DEFAULT) != 1 ||
      X509_sign(raw, ca_key->get(), EVP_sha256()) == 0) {
    return openssl_error("issuing the serving certificate");
  }
  return to_pem(raw, key.get());
}

}  // namespace cvm::certs
