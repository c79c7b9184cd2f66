#include "policies/model/settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cvm {
namespace {

using ::testing::HasSubstr;

TEST(CvmNetwork, AcceptsNetworksThatHoldTwoAddresses) {
  for (const char* cidr :
       {"172.19.0.0/30", "10.0.0.0/8", "192.168.1.0/24", "172.19.0.4/30", "223.255.255.252/30"}) {
    const auto result = check_cvm_network(cidr);
    ASSERT_TRUE(result.has_value()) << cidr << ": " << result.error().message;
    EXPECT_EQ(*result, cidr);
  }
}

TEST(CvmNetwork, RefusesWhatIsNoIpv4NetworkAndSaysWhatWasFound) {
  for (const char* cidr :
       {"", "172.19.0.0", "172.19.0.0/", "172.19.0/30", "172.19.0.0.0/30", "172.19.0.0/33",
        "256.0.0.0/30", "172.19.0.0/30 ", " 172.19.0.0/30", "172.19.0.0/-1", "172.19.0.0/030",
        "172.019.0.0/30", "fd00::/64", "a.b.c.d/30", "172.19.0.0/30/1", "+172.19.0.0/30",
        "172.19.0.0/4294967297", "172,19,0,0/30", "172.19..0/30"}) {
    const auto result = check_cvm_network(cidr);
    ASSERT_TRUE(result.has_error()) << cidr;
    EXPECT_THAT(result.error().message, HasSubstr("expected an IPv4 network"));
    EXPECT_THAT(result.error().message, HasSubstr("found \"" + std::string(cidr) + "\""));
  }
}

TEST(CvmNetwork, RefusesPrefixesThatHoldFewerThanTwoAddresses) {
  for (const char* cidr : {"172.19.0.0/31", "172.19.0.1/32"}) {
    const auto result = check_cvm_network(cidr);
    ASSERT_TRUE(result.has_error()) << cidr;
    EXPECT_THAT(result.error().message, HasSubstr("at most /30"));
  }
}

TEST(CvmNetwork, RefusesPrefixesThatSwallowTheInternet) {
  EXPECT_THAT(check_cvm_network("0.0.0.0/0").error().message, HasSubstr("at least /8"));
  EXPECT_THAT(check_cvm_network("16.0.0.0/7").error().message, HasSubstr("at least /8"));
}

TEST(CvmNetwork, RefusesHostBitsAndNamesTheNetwork) {
  EXPECT_THAT(check_cvm_network("172.19.0.1/30").error().message, HasSubstr("172.19.0.0/30"));
  EXPECT_THAT(check_cvm_network("10.1.2.3/8").error().message, HasSubstr("10.0.0.0/8"));
}

TEST(CvmNetwork, RefusesNetworksThatNoHostHas) {
  for (const char* cidr : {"0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/24", "255.255.255.252/30"}) {
    ASSERT_TRUE(check_cvm_network(cidr).has_error()) << cidr;
  }
}

TEST(Settings, NamePlacementsAndActionsAsTheFileDoes) {
  EXPECT_EQ(to_string(Placement::kSidecar), "sidecar");
  EXPECT_EQ(to_string(Placement::kContainer), "container");
  EXPECT_EQ(to_string(RuleAction::kDeny), "deny");
  EXPECT_EQ(to_string(RuleAction::kWarn), "warn");
  EXPECT_EQ(to_string(RuleAction::kAudit), "audit");
  EXPECT_EQ(to_string(RuleAction::kOff), "off");
}

TEST(Settings, DefaultNetworkIsOneThatIsAccepted) {
  EXPECT_TRUE(check_cvm_network(Settings{}.network_cidr).has_value());
}

}  // namespace
}  // namespace cvm
