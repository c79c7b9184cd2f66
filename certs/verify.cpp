#include "certs/verify.hpp"

#include <openssl/x509_vfy.h>

#include "certs/openssl.hpp"

namespace cvm::certs {
namespace {

using StoreHandle = std::unique_ptr<X509_STORE, Freer<X509_STORE_free>>;
using ContextHandle = std::unique_ptr<X509_STORE_CTX, Freer<X509_STORE_CTX_free>>;

// Does not own what is in it.
struct ChainFree {
  void operator()(STACK_OF(X509) * chain) const { sk_X509_free(chain); }
};
using ChainHandle = std::unique_ptr<STACK_OF(X509), ChainFree>;

void expect(X509_VERIFY_PARAM* parameters, const std::string& name, TimePoint now) {
  X509_VERIFY_PARAM_set_time(parameters, std::chrono::system_clock::to_time_t(now));
  // As Go does: a certificate that is given as trusted need not lead to a self-signed one, and the
  // common name is no name of the server.
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SSL_SERVER);
  if (X509_VERIFY_PARAM_set1_ip_asc(parameters, name.c_str()) != 1) {
    X509_VERIFY_PARAM_set1_host(parameters, name.c_str(), name.size());
  }
  ERR_clear_error();
}

}  // namespace

Result<void> verify_chain(std::string_view chain_pem, std::string_view ca_pem,
                          const std::string& name, TimePoint now) {
  const Result<std::vector<CertificateHandle>> chain = parse_certificates(chain_pem);
  if (!chain) return chain.error();
  const Result<std::vector<CertificateHandle>> trusted = parse_certificates(ca_pem);
  if (!trusted) return trusted.error();
  const StoreHandle store(X509_STORE_new());
  const ContextHandle context(X509_STORE_CTX_new());
  const ChainHandle others(sk_X509_new_null());
  if (!store || !context || !others) return openssl_error("cannot verify");
  for (const CertificateHandle& each : *trusted) X509_STORE_add_cert(store.get(), each.get());
  for (std::size_t i = 1; i < chain->size(); ++i) sk_X509_push(others.get(), (*chain)[i].get());
  if (X509_STORE_CTX_init(context.get(), store.get(), chain->front().get(), others.get()) != 1) {
    return openssl_error("cannot verify");
  }
  expect(X509_STORE_CTX_get0_param(context.get()), name, now);
  const bool verified = X509_verify_cert(context.get()) == 1;
  ERR_clear_error();
  if (verified) return {};
  return Error{X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get()))};
}

}  // namespace cvm::certs
