// Reading certificates: bundles, pairs and what people hand over by mistake.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "certs/certificate.hpp"
#include "certs/openssl.hpp"

namespace cvm::certs {
namespace {

using std::chrono::hours;
using testing::HasSubstr;

const TimePoint kInspected = std::chrono::system_clock::from_time_t(1'800'000'000);

struct Issued {
  KeyPair ca, pair;
};

Issued issue() {
  KeyPair ca = issue_ca({}, kInspected).value();
  ServingOptions options;
  options.dns_names = {"localhost"};
  KeyPair pair = issue_serving(ca, options, kInspected).value();
  return {std::move(ca), std::move(pair)};
}

template <typename T>
std::string refusal(const Result<T>& result) {
  return result ? "no error" : result.error().message;
}

std::string encrypted(const std::string& key_pem) {
  const KeyHandle key = parse_key(key_pem, "key").value();
  const BioHandle bio(BIO_new(BIO_s_mem()));
  unsigned char password[] = "secret";
  PEM_write_bio_PrivateKey(bio.get(), key.get(), EVP_aes_128_cbc(), password, 6, nullptr, nullptr);
  return bio_text(bio.get());
}

TEST(Inspect, ReadsEveryCertificateOfABundleAmongOtherText) {
  const Issued issued = issue();
  const auto all = inspect("# serving\n" + issued.pair.certificate_pem + issued.pair.key_pem +
                           "\n# authority\n" + issued.ca.certificate_pem)
                       .value();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].subject, "CN=localhost");
  EXPECT_EQ(all[1].subject, "CN=cvm-webhook CA");
  EXPECT_EQ(all[1].not_before, kInspected - std::chrono::minutes{5});
  EXPECT_EQ(all[1].not_after, kInspected + hours{24 * 365 * 10});
}

TEST(Inspect, RefusesWhatIsNoCertificate) {
  const Issued issued = issue();
  const std::string none = "no PEM certificate (-----BEGIN CERTIFICATE-----) found";
  EXPECT_EQ(refusal(inspect("")), none);
  EXPECT_EQ(refusal(inspect("apiVersion: v1\n")), none);
  EXPECT_EQ(refusal(inspect(issued.pair.key_pem)), none);
  EXPECT_EQ(refusal(inspect(std::string(100, '\0'))), none);
}

TEST(Inspect, RefusesABrokenCertificateAtEveryPlaceOfTheBundle) {
  const Issued issued = issue();
  std::string broken = issued.ca.certificate_pem;
  broken[broken.size() / 2] = '!';
  EXPECT_THAT(refusal(inspect(broken)), HasSubstr("certificate 1 of the bundle cannot be read"));
  EXPECT_THAT(refusal(inspect(issued.pair.certificate_pem + broken)),
              HasSubstr("certificate 2 of the bundle cannot be read"));
}

TEST(Inspect, TruncationAtEveryByteIsAnErrorAndNoCrash) {
  const std::string pem = issue().pair.certificate_pem;
  // Without its last line end a PEM block is whole.
  for (std::size_t size = 0; size + 1 < pem.size(); ++size) {
    EXPECT_FALSE(inspect(pem.substr(0, size))) << size;
  }
  EXPECT_TRUE(inspect(pem));
}

TEST(CheckPair, AcceptsAPairThatCanServe) {
  const Issued issued = issue();
  const auto facts = check_pair(issued.pair, kInspected);
  ASSERT_TRUE(facts) << refusal(facts);
  EXPECT_EQ(facts->subject, "CN=localhost");
  EXPECT_TRUE(check_pair(
      {issued.pair.certificate_pem + issued.ca.certificate_pem, issued.pair.key_pem}, kInspected));
}

TEST(CheckPair, RefusesAKeyOfAnotherCertificate) {
  const Issued issued = issue();
  EXPECT_THAT(refusal(check_pair({issued.pair.certificate_pem, issued.ca.key_pem}, kInspected)),
              HasSubstr("the private key does not belong to the certificate CN=localhost"));
  // The chain in the wrong order: the key must be of the first certificate.
  EXPECT_THAT(refusal(check_pair(
                  {issued.ca.certificate_pem + issued.pair.certificate_pem, issued.pair.key_pem},
                  kInspected)),
              HasSubstr("does not belong to the certificate CN=cvm-webhook CA"));
}

TEST(CheckPair, RefusesOutsideOfItsValidityWithBothTimes) {
  const Issued issued = issue();
  EXPECT_EQ(refusal(check_pair(issued.pair, kInspected + hours{24 * 366})),
            "the certificate CN=localhost expired at 2028-01-15T08:00:00Z; it is "
            "2028-01-16T08:00:00Z now");
  EXPECT_EQ(refusal(check_pair(issued.pair, kInspected - hours{1})),
            "the certificate CN=localhost is valid only from 2027-01-15T07:55:00Z; it is "
            "2027-01-15T07:00:00Z now");
}

TEST(CheckPair, SaysWhatIsWrongWithTheKey) {
  const Issued issued = issue();
  const std::string& certificate = issued.pair.certificate_pem;
  EXPECT_EQ(refusal(check_pair({certificate, ""}, kInspected)),
            "the private key has no PEM private key");
  EXPECT_EQ(refusal(check_pair({certificate, certificate}, kInspected)),
            "the private key has no PEM private key");
  EXPECT_EQ(refusal(check_pair({certificate, encrypted(issued.pair.key_pem)}, kInspected)),
            "the private key is encrypted; give it without a password");
  std::string broken = issued.pair.key_pem;
  broken[broken.size() / 2] = '!';
  EXPECT_THAT(refusal(check_pair({certificate, broken}, kInspected)),
              HasSubstr("the private key cannot be read"));
}

TEST(CheckPair, LeavesNothingInTheErrorQueue) {
  const Issued issued = issue();
  EXPECT_FALSE(check_pair({"", ""}, kInspected));
  EXPECT_FALSE(check_pair({issued.pair.certificate_pem, issued.ca.key_pem}, kInspected));
  EXPECT_FALSE(check_pair({issued.pair.certificate_pem, "x"}, kInspected));
  EXPECT_TRUE(check_pair(issued.pair, kInspected));
  EXPECT_EQ(ERR_peek_error(), 0U);
}

}  // namespace
}  // namespace cvm::certs
