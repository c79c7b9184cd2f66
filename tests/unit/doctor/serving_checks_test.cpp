#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test_cluster.hpp"

namespace cvm::webhook {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

TEST(ServiceCheck, WantsReadyEndpoints) {
  TestCluster cluster;
  EXPECT_THAT(texts(cluster.run("service")), ElementsAre(HasSubstr("has 2 ready endpoints")));
  auto& endpoints = cluster.one("EndpointSlice")["endpoints"];
  endpoints.erase(0);
  EXPECT_EQ(cluster.run("service").status(), CheckStatus::kWarn);
  endpoints.erase(0);
  EXPECT_THAT(texts(cluster.run("service")), ElementsAre(HasSubstr("fail: ")));
  cluster.remove("EndpointSlice");
  EXPECT_EQ(cluster.run("service").status(), CheckStatus::kSkip);
}

TEST(ServiceCheck, CountsAnEndpointOfTwoFamiliesOnce) {
  TestCluster cluster;
  auto& slice = cluster.one("EndpointSlice");
  slice["addressType"] = "IPv4";
  slice["endpoints"].erase(0);
  auto other = slice;
  other["addressType"] = "IPv6";
  cluster.add(other);
  EXPECT_THAT(texts(cluster.run("service")), ElementsAre(HasSubstr("has one ready endpoint")));
}

TEST(ServiceCheck, WantsThePortThatIsCalled) {
  TestCluster cluster;
  cluster.one("Service")["spec"]["ports"][0]["port"] = 8443;
  EXPECT_THAT(texts(cluster.run("service")), ElementsAre(HasSubstr("has no port 443")));
  cluster.remove("Service", true);
  EXPECT_THAT(texts(cluster.run("service")), ElementsAre(HasSubstr("does not exist")));
  TestCluster other;
  other.remove("Service");
  EXPECT_EQ(other.run("service").status(), CheckStatus::kSkip);
}

TEST(ServiceCheck, IsSkippedWhereAUrlIsCalled) {
  TestCluster cluster;
  cluster.change_webhooks(
      [](auto& webhook) { webhook["clientConfig"] = {{"url", "https://127.0.0.1:8443/mutate"}}; });
  EXPECT_THAT(texts(cluster.run("service")), ElementsAre(StartsWith("skip: ")));
  EXPECT_THAT(texts(cluster.run("deployment")), ElementsAre(StartsWith("skip: ")));
}

TEST(DeploymentCheck, WantsTwoReplicasThatAreReady) {
  TestCluster cluster;
  auto& deployment = cluster.one("Deployment");
  EXPECT_EQ(cluster.run("deployment").status(), CheckStatus::kPass);
  deployment["status"]["readyReplicas"] = 1;
  EXPECT_EQ(cluster.run("deployment").status(), CheckStatus::kWarn);
  deployment["spec"]["replicas"] = 1;
  EXPECT_THAT(texts(cluster.run("deployment")), ElementsAre(HasSubstr("warn: ")));
  deployment.erase("status");
  EXPECT_EQ(cluster.run("deployment").status(), CheckStatus::kFail);
  cluster.remove("Deployment", true);
  EXPECT_EQ(cluster.run("deployment").status(), CheckStatus::kFail);
  TestCluster other;
  other.remove("Deployment");
  EXPECT_EQ(other.run("deployment").status(), CheckStatus::kSkip);
}

TEST(ServiceAccountCheck, WantsWhatTheWebhookDoes) {
  const TestCluster cluster;
  ClusterFacts facts = cluster.facts();
  facts.access = {{"list", "", "nodes", true}, {"patch", "", "nodes", false}};
  EXPECT_THAT(texts(cluster.run_on(facts, "service-account")),
              ElementsAre(HasSubstr("may not patch nodes")));
  EXPECT_EQ(cluster.run_on(facts, "service-account", "nodes: {mark: false}").status(),
            CheckStatus::kPass);
  facts.access.clear();
  EXPECT_EQ(cluster.run_on(facts, "service-account").status(), CheckStatus::kSkip);
}

}  // namespace
}  // namespace cvm::webhook
