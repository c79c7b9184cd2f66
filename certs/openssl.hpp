// Owning handles for OpenSSL's objects, and its error queue as text. For the .cpp files here only.
#pragma once

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>
#include <string_view>

#include "certs/certificate.hpp"

namespace cvm::certs {

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};

using BioHandle = std::unique_ptr<BIO, Freer<BIO_free_all>>;
using BignumHandle = std::unique_ptr<BIGNUM, Freer<BN_free>>;
using CertificateHandle = std::unique_ptr<X509, Freer<X509_free>>;
using KeyHandle = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using ExtensionHandle = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>>;
using GeneralNamesHandle = std::unique_ptr<GENERAL_NAMES, Freer<GENERAL_NAMES_free>>;
using GeneralNameHandle = std::unique_ptr<GENERAL_NAME, Freer<GENERAL_NAME_free>>;

// "<what>: <OpenSSL's first reason>"; empties the calling thread's error queue.
Error openssl_error(std::string_view what);

// What was written to a memory BIO.
std::string bio_text(BIO* bio);

// A private key in PEM, not encrypted; `what` names it in errors.
Result<KeyHandle> parse_key(std::string_view pem, std::string_view what);

// Every certificate of a PEM bundle, in order; at least one.
Result<std::vector<CertificateHandle>> parse_certificates(std::string_view pem);

Result<CertificateFacts> facts_of(X509& certificate);

}  // namespace cvm::certs
