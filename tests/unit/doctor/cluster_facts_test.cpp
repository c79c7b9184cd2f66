#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test_cluster.hpp"

namespace cvm::webhook {
namespace {

using testing::StartsWith;

TEST(ClusterFacts, KeepsOnlyWhatTheChecksReadOfPods) {
  TestCluster cluster;
  const auto pod = [](const char* name, const char* phase) {
    return TestCluster::Json{{"apiVersion", "v1"},
                             {"kind", "Pod"},
                             {"metadata", {{"name", name}, {"namespace", "dev"}}},
                             {"status", {{"phase", phase}}}};
  };
  cluster.add(pod("done", "Succeeded"));
  cluster.add(pod("plain", "Running"));
  auto ending = pod("ending", "Running");
  ending["metadata"]["deletionTimestamp"] = "2026-11-01T00:00:00Z";
  cluster.add(ending);
  auto mirror = pod("static", "Running");
  mirror["metadata"]["annotations"]["kubernetes.io/config.mirror"] = "x";
  cluster.add(mirror);
  const ClusterFacts facts = cluster.facts();
  EXPECT_EQ(facts.cvms, 1u);
  ASSERT_EQ(facts.plain_pods.size(), 1u);
  EXPECT_EQ(facts.plain_pods[0].name, ObjectName("dev", "plain"));
}

TEST(ClusterFacts, TellsWhatIsNotKnownFromWhatIsNotThere) {
  ClusterFacts facts;
  EXPECT_FALSE(facts.knows(ObjectKind::kPod));
  EXPECT_EQ(facts.why_unknown(ObjectKind::kPod), "the dump has no Pod");
  facts.set_unavailable(ObjectKind::kPod, "403 Forbidden");
  EXPECT_EQ(facts.why_unknown(ObjectKind::kPod), "403 Forbidden");
  facts.set_known(ObjectKind::kPod);
  EXPECT_TRUE(facts.knows(ObjectKind::kPod));
}

TEST(ClusterFacts, PassesOverWebhookConfigurationsOfOthers) {
  TestCluster cluster;
  cluster.add({{"apiVersion", "admissionregistration.k8s.io/v1"},
               {"kind", "MutatingWebhookConfiguration"},
               {"metadata", {{"name", "other"}}},
               {"webhooks", {{{"name", "mutate.example.com"}}}}});
  EXPECT_EQ(cluster.facts().configurations.size(), 2u);
}

TEST(ClusterFacts, RefusesANodeThatCannotBeRead) {
  ClusterFacts facts;
  simdjson::dom::parser parser;
  const auto fault = facts.add(ObjectKind::kNode,
                               parser.parse(std::string(R"({"metadata": {"name": 7}})")).value());
  ASSERT_TRUE(fault);
  EXPECT_THAT(fault->message, StartsWith("metadata.name: "));
}

TEST(ObjectKinds, TellServicesOfTheCoreFromOthers) {
  EXPECT_EQ(find_kind("v1", "Service"), ObjectKind::kService);
  EXPECT_EQ(find_kind("serving.example.dev/v1", "Service"), std::nullopt);
  for (const KindDescription& kind : object_kinds()) EXPECT_EQ(&describe(kind.kind), &kind);
  EXPECT_EQ(describe(ObjectKind::kLimitRange).path("dev"), "/api/v1/namespaces/dev/limitranges");
  EXPECT_EQ(describe(ObjectKind::kRuntimeClass).path(), "/apis/node.k8s.io/v1/runtimeclasses");
}

}  // namespace
}  // namespace cvm::webhook
