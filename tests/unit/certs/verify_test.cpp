#include "certs/verify.hpp"

#include <gtest/gtest.h>

namespace cvm::certs {
namespace {

using std::chrono::hours;

const TimePoint kVerified = TimePoint(std::chrono::sys_days(std::chrono::year(2026) / 11 / 1));

class Verify : public testing::Test {
 protected:
  static KeyPair serving(const KeyPair& ca) {
    ServingOptions options;
    options.common_name = "common.example";
    options.dns_names = {"webhook.example", "*.wild.example"};
    options.ip_addresses = {"127.0.0.1", "::1"};
    return *issue_serving(ca, options, kVerified);
  }

  std::string error(const std::string& name, TimePoint now = kVerified) const {
    const auto verified = verify_chain(pair_.certificate_pem, ca_.certificate_pem, name, now);
    return verified ? "" : verified.error().message;
  }

  KeyPair ca_ = *issue_ca({}, kVerified);
  KeyPair pair_ = serving(ca_);
};

TEST_F(Verify, TakesTheNamesThatTheCertificateCarries) {
  for (const char* name : {"webhook.example", "a.wild.example", "127.0.0.1", "::1"}) {
    EXPECT_EQ(error(name), "") << name;
  }
  for (const char* name : {"other.example", "common.example", "127.0.0.2", "a.b.wild.example"}) {
    EXPECT_NE(error(name), "") << name;
  }
}

TEST_F(Verify, RefusesWhatIsNotValidAtTheTime) {
  EXPECT_EQ(error("webhook.example", kVerified + hours(24 * 364)), "");
  EXPECT_EQ(error("webhook.example", kVerified + hours(24 * 366)), "certificate has expired");
  EXPECT_EQ(error("webhook.example", kVerified - hours(1)), "certificate is not yet valid");
}

TEST_F(Verify, RefusesWhatAnotherCaHasIssued) {
  const KeyPair other = *issue_ca({}, kVerified);
  const std::string name = "webhook.example";
  EXPECT_FALSE(verify_chain(pair_.certificate_pem, other.certificate_pem, name, kVerified));
  // A bundle during a change of the CA.
  EXPECT_TRUE(verify_chain(pair_.certificate_pem, other.certificate_pem + ca_.certificate_pem, name,
                           kVerified));
}

TEST_F(Verify, TrustsACertificateThatIsItselfInTheBundle) {
  EXPECT_TRUE(
      verify_chain(pair_.certificate_pem, pair_.certificate_pem, "webhook.example", kVerified));
}

TEST_F(Verify, SaysWhatIsNoCertificate) {
  EXPECT_FALSE(verify_chain("", ca_.certificate_pem, "webhook.example", kVerified));
  EXPECT_FALSE(verify_chain(pair_.certificate_pem, "", "webhook.example", kVerified));
}

}  // namespace
}  // namespace cvm::certs
