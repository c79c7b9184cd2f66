// Certificates as PEM text: issue a CA and serving certificates, read what is in one, check a pair.
//
// Keys are ECDSA P-256: a signature costs 19 us against 250 us with RSA-2048, and every new
// connection of the API server pays one.
#pragma once

#include <boost/system/result.hpp>
#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace cvm::certs {

struct Error {
  std::string message;
};

[[noreturn]] inline void throw_exception_from_error(const Error& error,
                                                    const boost::source_location&) {
  throw std::runtime_error(error.message);
}

template <typename T>
using Result = boost::system::result<T, Error>;

using TimePoint = std::chrono::system_clock::time_point;

// Certificate (chain) and private key, both PEM.
struct KeyPair {
  std::string certificate_pem;
  std::string key_pem;
};

struct CaOptions {
  std::string common_name = "cvm-webhook CA";
  std::chrono::hours validity{24 * 365 * 10};
};

struct ServingOptions {
  std::string common_name;             // empty: the first name
  std::vector<std::string> dns_names;  // subject alternative names
  std::vector<std::string> ip_addresses;
  std::chrono::hours validity{24 * 365};
};

// `now` is passed in; certificates are valid from five minutes before it, for clocks that differ.
Result<KeyPair> issue_ca(const CaOptions& options, TimePoint now);
Result<KeyPair> issue_serving(const KeyPair& ca, const ServingOptions& options, TimePoint now);

struct CertificateFacts {
  std::string subject, issuer, serial, key_algorithm, sha256_fingerprint;
  std::vector<std::string> dns_names, ip_addresses;
  TimePoint not_before, not_after;
  bool is_ca = false;
};

// Every certificate of a PEM bundle, in order; an empty or broken bundle is an error.
Result<std::vector<CertificateFacts>> inspect(std::string_view pem);

// That the pair can serve at `now`: both parse, the key belongs to the first certificate, it is
// within its validity. Returns the first certificate's facts.
Result<CertificateFacts> check_pair(const KeyPair& pair, TimePoint now);

// "2026-11-24T04:00:00Z"
std::string format_time(TimePoint time);

}  // namespace cvm::certs
