// What is issued is what a TLS client accepts: checked with OpenSSL's own verification.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/x509_vfy.h>

#include "certs/certificate.hpp"
#include "certs/openssl.hpp"

namespace cvm::certs {
namespace {

using std::chrono::hours;
using testing::ElementsAre;
using testing::HasSubstr;

const TimePoint kNow = std::chrono::system_clock::from_time_t(1'800'000'000);  // 2027-01-15

KeyPair new_ca(const std::string& name = "test CA") {
  CaOptions options;
  options.common_name = name;
  return issue_ca(options, kNow).value();
}

ServingOptions for_names(std::vector<std::string> dns, std::vector<std::string> ips = {}) {
  ServingOptions options;
  options.dns_names = std::move(dns);
  options.ip_addresses = std::move(ips);
  return options;
}

struct Check {
  std::string dns, ip;
  TimePoint at = kNow;
};

// X509_V_OK, else why a client that trusts `ca` refuses `certificate` as a TLS server's.
int verify(const std::string& certificate, const std::string& ca, const Check& check) {
  const auto leaf = parse_certificates(certificate).value();
  const auto anchor = parse_certificates(ca).value();
  const std::unique_ptr<X509_STORE, Freer<X509_STORE_free>> store(X509_STORE_new());
  X509_STORE_add_cert(store.get(), anchor.front().get());
  const std::unique_ptr<X509_STORE_CTX, Freer<X509_STORE_CTX_free>> context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store.get(), leaf.front().get(), nullptr);
  X509_STORE_CTX_set_default(context.get(), "ssl_server");
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_X509_STRICT);
  X509_VERIFY_PARAM_set_time(parameters, std::chrono::system_clock::to_time_t(check.at));
  if (!check.dns.empty()) X509_VERIFY_PARAM_set1_host(parameters, check.dns.c_str(), 0);
  if (!check.ip.empty()) X509_VERIFY_PARAM_set1_ip_asc(parameters, check.ip.c_str());
  X509_verify_cert(context.get());
  return X509_STORE_CTX_get_error(context.get());
}

std::string refusal(const Result<KeyPair>& result) {
  return result ? "no error" : result.error().message;
}

TEST(Issue, ServingCertificateVerifiesForEachOfItsNamesAndAddresses) {
  const KeyPair ca = new_ca();
  const KeyPair pair = issue_serving(ca,
                                     for_names({"cvm-webhook.cvm-system.svc", "*.example.com"},
                                               {"127.0.0.1", "2001:db8::1"}),
                                     kNow)
                           .value();
  const std::string& pem = pair.certificate_pem;
  EXPECT_EQ(verify(pem, ca.certificate_pem, {"cvm-webhook.cvm-system.svc", ""}), X509_V_OK);
  EXPECT_EQ(verify(pem, ca.certificate_pem, {"a.example.com", ""}), X509_V_OK);
  EXPECT_EQ(verify(pem, ca.certificate_pem, {"", "127.0.0.1"}), X509_V_OK);
  EXPECT_EQ(verify(pem, ca.certificate_pem, {"", "2001:db8::1"}), X509_V_OK);
  EXPECT_EQ(verify(pem, ca.certificate_pem, {"other.svc", ""}), X509_V_ERR_HOSTNAME_MISMATCH);
  EXPECT_EQ(verify(pem, ca.certificate_pem, {"", "127.0.0.2"}), X509_V_ERR_IP_ADDRESS_MISMATCH);
}

TEST(Issue, ServingCertificateDoesNotVerifyAgainstAnotherCaOfTheSameName) {
  const KeyPair ca = new_ca();
  const KeyPair other = new_ca();
  const KeyPair pair = issue_serving(ca, for_names({"a"}), kNow).value();
  EXPECT_NE(verify(pair.certificate_pem, other.certificate_pem, {"a", ""}), X509_V_OK);
}

TEST(Issue, ValidityBeginsFiveMinutesBeforeNowAndEndsAsAsked) {
  const KeyPair ca = new_ca();
  ServingOptions options = for_names({"a"});
  options.validity = hours{48};
  const std::string pem = issue_serving(ca, options, kNow).value().certificate_pem;
  const std::string& anchor = ca.certificate_pem;
  using std::chrono::minutes;
  EXPECT_EQ(verify(pem, anchor, {"a", "", kNow - minutes{4}}), X509_V_OK);
  EXPECT_EQ(verify(pem, anchor, {"a", "", kNow - minutes{6}}), X509_V_ERR_CERT_NOT_YET_VALID);
  EXPECT_EQ(verify(pem, anchor, {"a", "", kNow + hours{47}}), X509_V_OK);
  EXPECT_EQ(verify(pem, anchor, {"a", "", kNow + hours{49}}), X509_V_ERR_CERT_HAS_EXPIRED);
}

TEST(Issue, ServingCertificateEndsWithItsCa) {
  CaOptions ca_options;
  ca_options.validity = hours{24};
  const KeyPair ca = issue_ca(ca_options, kNow).value();
  const KeyPair pair = issue_serving(ca, for_names({"a"}), kNow).value();
  EXPECT_EQ(inspect(pair.certificate_pem).value().front().not_after, kNow + hours{24});
}

TEST(Issue, WritesWhatItWasGivenAndNothingOfTheCa) {
  const KeyPair ca = new_ca();
  const KeyPair pair =
      issue_serving(ca, for_names({"a.b", "c"}, {"::1", "10.0.0.1"}), kNow).value();
  const auto chain = inspect(pair.certificate_pem).value();
  ASSERT_EQ(chain.size(), 1U);
  const CertificateFacts& facts = chain.front();
  EXPECT_EQ(facts.subject, "CN=a.b");
  EXPECT_EQ(facts.issuer, "CN=test CA");
  EXPECT_EQ(facts.key_algorithm, "ECDSA P-256");
  EXPECT_FALSE(facts.is_ca);
  EXPECT_THAT(facts.dns_names, ElementsAre("a.b", "c"));
  EXPECT_THAT(facts.ip_addresses, ElementsAre("::1", "10.0.0.1"));
  EXPECT_EQ(facts.sha256_fingerprint.size(), 32U * 3 - 1);
  EXPECT_THAT(pair.key_pem, HasSubstr("-----BEGIN PRIVATE KEY-----"));
  EXPECT_TRUE(inspect(ca.certificate_pem).value().front().is_ca);
}

TEST(Issue, EveryCertificateHasItsOwnSerialAndKey) {
  const KeyPair ca = new_ca();
  const KeyPair one = issue_serving(ca, for_names({"a"}), kNow).value();
  const KeyPair two = issue_serving(ca, for_names({"a"}), kNow).value();
  EXPECT_NE(inspect(one.certificate_pem).value()[0].serial,
            inspect(two.certificate_pem).value()[0].serial);
  EXPECT_NE(one.key_pem, two.key_pem);
}

TEST(Issue, NameTooLongForTheSubjectIsStillVerified) {
  const std::string label(60, 'x');
  const std::string name = label + "." + label + ".svc";
  const KeyPair ca = new_ca();
  const KeyPair pair = issue_serving(ca, for_names({name}), kNow).value();
  EXPECT_EQ(inspect(pair.certificate_pem).value().front().subject, "");
  EXPECT_EQ(verify(pair.certificate_pem, ca.certificate_pem, {name, ""}), X509_V_OK);
}

TEST(Issue, RefusesWhatNoClientWouldAccept) {
  const KeyPair ca = new_ca();
  EXPECT_EQ(refusal(issue_serving(ca, for_names({}), kNow)),
            "a serving certificate needs at least one DNS name or IP address");
  EXPECT_EQ(refusal(issue_serving(ca, for_names({"a b"}), kNow)), "\"a b\" is not a DNS name");
  for (const char* bad : {"", ".", "a..b", "-a", "a-", "a-.b", "*", "*.", "a.*", "DNS:a,IP:1.2.3.4",
                          "a\nb", "\xc3\xa4.de"}) {
    EXPECT_THAT(refusal(issue_serving(ca, for_names({bad}), kNow)), HasSubstr("is not a DNS name"))
        << bad;
  }
  EXPECT_THAT(refusal(issue_serving(ca, for_names({std::string(64, 'a')}), kNow)),
              HasSubstr("is not a DNS name"));
  EXPECT_EQ(refusal(issue_serving(ca, for_names({}, {"10.0.0"}), kNow)),
            "\"10.0.0\" is not an IPv4 or IPv6 address");
  ServingOptions options = for_names({"a"});
  options.validity = hours{0};
  EXPECT_EQ(refusal(issue_serving(ca, options, kNow)),
            "a validity of 0h; expected 1h to 876000h (100 years)");
  options.validity = hours{876'001};
  EXPECT_THAT(refusal(issue_serving(ca, options, kNow)), HasSubstr("expected 1h to 876000h"));
  CaOptions ca_options;
  ca_options.common_name = std::string(65, 'x');
  EXPECT_EQ(refusal(issue_ca(ca_options, kNow)),
            "the CA's common name has 65 bytes; expected 1 to 64");
}

TEST(Issue, RefusesACaThatCannotSign) {
  const KeyPair ca = new_ca();
  const KeyPair leaf = issue_serving(ca, for_names({"a"}), kNow).value();
  EXPECT_EQ(refusal(issue_serving(leaf, for_names({"b"}), kNow)),
            "CA: the certificate CN=a is not a CA's (basicConstraints)");
  EXPECT_THAT(refusal(issue_serving({ca.certificate_pem, leaf.key_pem}, for_names({"b"}), kNow)),
              HasSubstr("CA: the private key does not belong to the certificate CN=test CA"));
  EXPECT_THAT(refusal(issue_serving(ca, for_names({"b"}), kNow + hours{24 * 365 * 11})),
              HasSubstr("CA: the certificate CN=test CA expired at"));
  EXPECT_THAT(refusal(issue_serving({"", ""}, for_names({"b"}), kNow)), HasSubstr("CA: no PEM"));
}

}  // namespace
}  // namespace cvm::certs
