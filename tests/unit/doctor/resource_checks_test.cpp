#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test_cluster.hpp"

namespace cvm::webhook {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

TestCluster::Json& limits_of(TestCluster& cluster) {
  return cluster.one("LimitRange")["spec"]["limits"][0];
}

TEST(LimitRangesCheck, ComparesMaxAndMinWithTheSupervisor) {
  TestCluster cluster;
  limits_of(cluster)["max"] = {{"memory", "64Mi"}};
  EXPECT_THAT(texts(cluster.run("limit-ranges")),
              ElementsAre(AllOf(StartsWith("fail: LimitRange dev/limits"),
                                HasSubstr("Container max memory 64Mi is less than"))));
  limits_of(cluster)["max"] = {{"memory", "1Gi"}};
  EXPECT_EQ(cluster.run("limit-ranges").status(), CheckStatus::kPass);
  limits_of(cluster)["min"] = {{"cpu", "500m"}};
  EXPECT_THAT(texts(cluster.run("limit-ranges")),
              ElementsAre(HasSubstr("Container min cpu 500m is more than the supervisor's 100m")));
  EXPECT_EQ(
      cluster.run("limit-ranges", "supervisor: {resources: {requests: {cpu: 500m}}}").status(),
      CheckStatus::kPass);
}

TEST(LimitRangesCheck, KnowsThatDefaultsFillInWhatIsMissing) {
  TestCluster cluster;
  limits_of(cluster)["default"] = {{"memory", "64Mi"}};
  EXPECT_THAT(texts(cluster.run("limit-ranges")),
              ElementsAre(HasSubstr("the default limit of memory 64Mi is less than")));
  limits_of(cluster)["default"] = {{"cpu", "2"}};
  limits_of(cluster)["maxLimitRequestRatio"] = {{"cpu", "4"}};
  EXPECT_THAT(texts(cluster.run("limit-ranges")), ElementsAre(HasSubstr("maxLimitRequestRatio")));
}

TEST(LimitRangesCheck, LooksOnlyAtWhereASupervisorWouldBe) {
  TestCluster cluster;
  limits_of(cluster)["max"] = {{"memory", "64Mi"}};
  EXPECT_EQ(cluster.run("limit-ranges", "mode: native").status(), CheckStatus::kPass);
  EXPECT_EQ(cluster.run("limit-ranges", "supervisor: {placement: wrap}").status(),
            CheckStatus::kPass);
  cluster.one("Namespace", "dev")["metadata"].erase("labels");
  EXPECT_EQ(cluster.run("limit-ranges").status(), CheckStatus::kPass);
  cluster.remove("LimitRange");
  EXPECT_EQ(cluster.run("limit-ranges").status(), CheckStatus::kSkip);
}

TEST(QuotasCheck, FailsForAnAmountThatTheSupervisorLacks) {
  TestCluster cluster;
  cluster.remove("LimitRange", true);
  EXPECT_THAT(texts(cluster.run("quotas")),
              ElementsAre(HasSubstr("fail: ResourceQuota dev/quota counts limits.memory")));
  EXPECT_EQ(cluster.run("quotas", "supervisor: {resources: {limits: {memory: 1Gi}}}").status(),
            CheckStatus::kPass);
  cluster.one("ResourceQuota")["spec"]["scopes"] = {"BestEffort"};
  EXPECT_EQ(cluster.run("quotas").status(), CheckStatus::kPass);
}

TEST(QuotasCheck, WarnsWhereLittleIsLeft) {
  TestCluster cluster;
  cluster.one("ResourceQuota")["status"]["used"]["requests.cpu"] = "9950m";
  EXPECT_THAT(texts(cluster.run("quotas")),
              ElementsAre(HasSubstr("warn: ResourceQuota dev/quota leaves less requests.cpu")));
  cluster.remove("ResourceQuota");
  EXPECT_EQ(cluster.run("quotas").status(), CheckStatus::kSkip);
}

}  // namespace
}  // namespace cvm::webhook
