#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test_cluster.hpp"

namespace cvm::webhook {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

TEST(Doctor, PassesEveryCheckOfAHealthyCluster) {
  const TestCluster cluster;
  for (const Check& check : all_checks()) {
    const Findings findings = cluster.run(std::string(check.id));
    EXPECT_FALSE(findings.empty()) << check.id;
    EXPECT_EQ(findings.status(), CheckStatus::kPass)
        << check.id << ": " << testing::PrintToString(texts(findings));
  }
}

TEST(Doctor, SkipsWithAReasonAndACommandWhatItHasNoInputFor) {
  const ClusterFacts nothing;
  const CheckedSettings settings{{}, {CheckStatus::kWarn, "the defaults", "kubectl get configmap"}};
  const auto results = run_checks({nothing, settings, TestCluster::now()});
  const CheckCounts counts = count(results);
  EXPECT_EQ(counts.failed, 0u);
  EXPECT_EQ(counts.passed, 1u) << "storage-classes, which mode supervised does not ask about";
  EXPECT_EQ(counts.warnings, 1u);
  EXPECT_EQ(counts.skipped, all_checks().size() - 2);
}

TEST(Doctor, GivesEveryFindingThatIsNoPassAMessageAndAFix) {
  TestCluster cluster;
  cluster.remove("RuntimeClass", true);
  cluster.remove("EndpointSlice", true);
  cluster.change_webhooks([](auto& webhook) { webhook["failurePolicy"] = "Ignore"; });
  cluster.one("Namespace", "dev")["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] =
      "restricted";
  const ClusterFacts facts = cluster.facts();
  const CheckedSettings settings{{}, {CheckStatus::kPass, "the defaults"}};
  const auto results = run_checks({facts, settings, TestCluster::now()});
  EXPECT_GT(count(results).failed, 2u);
  for (const CheckResult& result : results) {
    for (const CheckFinding& finding : result.findings.all()) {
      EXPECT_FALSE(finding.message.empty()) << result.check->id;
      EXPECT_EQ(finding.fix.empty(), finding.status == CheckStatus::kPass) << finding.message;
    }
  }
}

TEST(Doctor, NamesEveryCheckOnce) {
  std::set<std::string_view> ids;
  for (const Check& check : all_checks()) {
    EXPECT_TRUE(ids.insert(check.id).second) << check.id;
    EXPECT_FALSE(check.title.empty());
  }
}

TEST(LiveSettings, AreThoseOfTheConfigMapThatTheDeploymentMounts) {
  TestCluster cluster;
  EXPECT_THAT(texts(cluster.run("settings")),
              ElementsAre("pass: the settings of ConfigMap cvm-system/cvm-webhook-settings"));
  auto& texts_of_map = cluster.one("ConfigMap")["data"];
  texts_of_map["other"] = "kind: CvmSettings\napiVersion: cvm-webhook.io/v1alpha1\nmode: native\n";
  auto& volume = cluster.one("Deployment")["spec"]["template"]["spec"]["volumes"][0]["configMap"];
  volume["items"] = {{{"key", "other"}, {"path", "settings.yaml"}}};
  EXPECT_THAT(texts(cluster.run("runtime-class")), ElementsAre(HasSubstr("sysbox-runc")));
}

TEST(LiveSettings, AreTheDefaultsWithAWarningWhereNoneAreThere) {
  TestCluster cluster;
  cluster.remove("ConfigMap");
  EXPECT_THAT(texts(cluster.run("settings")),
              ElementsAre(StartsWith("warn: the dump has no ConfigMap; the defaults")));
  cluster.remove("Deployment", true);
  EXPECT_THAT(texts(cluster.run("settings")),
              ElementsAre(StartsWith("warn: no Deployment of cvm-webhook mounts")));
}

TEST(LiveSettings, AreThoseOfTheShippedConfigMapWhereDeploymentsAreNotKnown) {
  TestCluster cluster;
  cluster.remove("Deployment");
  EXPECT_THAT(texts(cluster.run("settings")),
              ElementsAre("pass: the settings of ConfigMap cvm-system/cvm-webhook-settings"));
}

TEST(LiveSettings, FailTheCheckWhereTheyHaveAMistake) {
  TestCluster cluster;
  cluster.one("ConfigMap")["data"]["settings.yaml"] =
      "apiVersion: cvm-webhook.io/v1alpha1\nkind: CvmSettings\ncachin: true\n";
  EXPECT_THAT(texts(cluster.run("settings")),
              ElementsAre(AllOf(StartsWith("fail: "), HasSubstr("cachin"))));
}

}  // namespace
}  // namespace cvm::webhook
