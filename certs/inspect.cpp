
#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/ec.h>

#include <ctime>

#include "certs/openssl.hpp"

namespace cvm::certs {
namespace {

std::string name_text(const X509_NAME* name) {
  const BioHandle bio(BIO_new(BIO_s_mem()));
  if (!bio) return {};
  X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  return bio_text(bio.get());
}

std::string serial_text(const X509& certificate) {
  const BignumHandle number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(&certificate), nullptr));
  if (!number) return {};
  const std::unique_ptr<char, void (*)(char*)> hex(BN_bn2hex(number.get()),
                                                   [](char* text) { OPENSSL_free(text); });
  return hex ? hex.get() : "";
}

// "ECDSA P-256", "RSA 2048", else OpenSSL's name of the type.
std::string key_text(const X509& certificate) {
  const EVP_PKEY* key = X509_get0_pubkey(&certificate);
  if (key == nullptr) return "unknown";
  if (EVP_PKEY_is_a(key, "EC") == 1) {
    char group[64] = "";
    EVP_PKEY_get_group_name(key, group, sizeof group, nullptr);
    const char* nist = EC_curve_nid2nist(OBJ_txt2nid(group));
    return std::string("ECDSA ") + (nist != nullptr ? nist : group);
  }
  const char* type = EVP_PKEY_get0_type_name(key);
  const std::string name = type != nullptr ? type : "unknown";
  return EVP_PKEY_is_a(key, "RSA") == 1 ? fmt::format("{} {}", name, EVP_PKEY_get_bits(key)) : name;
}

std::string fingerprint(const X509& certificate) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (X509_digest(&certificate, EVP_sha256(), digest, &size) != 1) return {};
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    if (i != 0) text += ':';
    text += kHex[digest[i] >> 4];
    text += kHex[digest[i] & 15];
  }
  return text;
}

Result<TimePoint> time_of(const ASN1_TIME* time, const char* what) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) {
    return openssl_error(fmt::format("the certificate's {} is not a time", what));
  }
  return std::chrono::system_clock::from_time_t(timegm(&parts));
}

void read_alternative_names(const X509& certificate, CertificateFacts& facts) {
  const GeneralNamesHandle names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type != GEN_DNS && name->type != GEN_IPADD) continue;
    const ASN1_STRING* value = name->type == GEN_DNS ? name->d.dNSName : name->d.iPAddress;
    const unsigned char* bytes = ASN1_STRING_get0_data(value);
    const int size = ASN1_STRING_length(value);
    if (name->type == GEN_DNS) {
      facts.dns_names.emplace_back(reinterpret_cast<const char*>(bytes),
                                   static_cast<std::size_t>(size));
      continue;
    }
    char text[INET6_ADDRSTRLEN];
    const int family = size == 4 ? AF_INET : AF_INET6;
    if ((size == 4 || size == 16) && inet_ntop(family, bytes, text, sizeof text) != nullptr) {
      facts.ip_addresses.emplace_back(text);
    }
  }
}

}  // namespace

Result<CertificateFacts> facts_of(X509& certificate) {
  const Result<TimePoint> not_before = time_of(X509_get0_notBefore(&certificate), "notBefore");
  if (!not_before) return not_before.error();
  const Result<TimePoint> not_after = time_of(X509_get0_notAfter(&certificate), "notAfter");
  if (!not_after) return not_after.error();

  CertificateFacts facts;
  facts.subject = name_text(X509_get_subject_name(&certificate));
  facts.issuer = name_text(X509_get_issuer_name(&certificate));
  facts.serial = serial_text(certificate);
  facts.key_algorithm = key_text(certificate);
  facts.sha256_fingerprint = fingerprint(certificate);
  facts.not_before = *not_before;
  facts.not_after = *not_after;
  facts.is_ca = X509_check_ca(&certificate) == 1;
  read_alternative_names(certificate, facts);
  ERR_clear_error();
  return facts;
}

Result<std::vector<CertificateFacts>> inspect(std::string_view pem) {
  const Result<std::vector<CertificateHandle>> certificates = parse_certificates(pem);
  if (!certificates) return certificates.error();
  std::vector<CertificateFacts> all;
  for (const CertificateHandle& certificate : *certificates) {
    Result<CertificateFacts> facts = facts_of(*certificate);
    if (!facts) return facts.error();
    all.push_back(std::move(*facts));
  }
  return all;
}

Result<CertificateFacts> check_pair(const KeyPair& pair, TimePoint now) {
  const Result<std::vector<CertificateHandle>> chain = parse_certificates(pair.certificate_pem);
  if (!chain) return chain.error();
  const Result<KeyHandle> key = parse_key(pair.key_pem, "the private key");
  if (!key) return key.error();
  X509& first = *chain->front();
  Result<CertificateFacts> facts = facts_of(first);
  if (!facts) return facts.error();
  if (X509_check_private_key(&first, key->get()) != 1) {
    ERR_clear_error();
    return Error{fmt::format("the private key does not belong to the certificate {} (serial {})",
                             facts->subject, facts->serial)};
  }
  if (now < facts->not_before) {
    return Error{fmt::format("the certificate {} is valid only from {}; it is {} now",
                             facts->subject, format_time(facts->not_before), format_time(now))};
  }
  if (now > facts->not_after) {
    return Error{fmt::format("the certificate {} expired at {}; it is {} now", facts->subject,
                             format_time(facts->not_after), format_time(now))};
  }
  return facts;
}

}  // namespace cvm::certs
