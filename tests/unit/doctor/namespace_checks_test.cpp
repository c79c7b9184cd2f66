#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test_cluster.hpp"

namespace cvm::webhook {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kLabel = "cvm-webhook.io/workspaces";

TEST(NamespacesCheck, WarnsWhereNoneTakesPart) {
  TestCluster cluster;
  cluster.one("Namespace", "dev")["metadata"].erase("labels");
  EXPECT_THAT(texts(cluster.run("namespaces")),
              ElementsAre(StartsWith("warn: no namespace takes part")));
  cluster.remove("Namespace");
  EXPECT_EQ(cluster.run("namespaces").status(), CheckStatus::kSkip);
}

TEST(NamespacesCheck, WarnsOfAnotherValueOfTheLabel) {
  TestCluster cluster;
  cluster.add({{"apiVersion", "v1"},
               {"kind", "Namespace"},
               {"metadata", {{"name", "typo"}, {"labels", {{kLabel, "true"}}}}}});
  const Findings findings = cluster.run("namespaces");
  EXPECT_THAT(texts(findings), ElementsAre(AllOf(StartsWith("warn: "), HasSubstr("typo"))));
  EXPECT_EQ(findings.all()[0].fix,
            "kubectl label namespace typo cvm-webhook.io/workspaces=enabled --overwrite");
}

TEST(NamespacesCheck, FailsWhereTheSystemTakesPart) {
  TestCluster cluster;
  cluster.one("Namespace", "kube-system")["metadata"]["labels"][kLabel] = "enabled";
  cluster.one("Namespace", "cvm-system")["metadata"]["labels"][kLabel] = "enabled";
  EXPECT_THAT(texts(cluster.run("namespaces")),
              ElementsAre(AllOf(StartsWith("fail: "), HasSubstr("cvm-system, kube-system"))));
}

TEST(NamespacesCheck, FailsForAProfileThatCannotBeChosen) {
  TestCluster cluster;
  cluster.one("Namespace", "dev")["metadata"]["labels"]["cvm-webhook.io/profile"] = "gpu";
  EXPECT_THAT(texts(cluster.run("namespaces")), ElementsAre(HasSubstr("\"gpu\", which does not")));
  const std::string profile = "profiles: [{name: gpu, settings: {caching: true}}]";
  EXPECT_EQ(cluster.run("namespaces", profile).status(), CheckStatus::kPass);
  const std::string of_pods = "profiles: [{name: gpu, chosenBy: [pod], settings: {caching: true}}]";
  EXPECT_THAT(texts(cluster.run("namespaces", of_pods)),
              ElementsAre(HasSubstr("is not for namespaces to choose")));
}

TEST(PodSecurityCheck, FailsWhereTheSupervisorIsRefused) {
  TestCluster cluster;
  auto& labels = cluster.one("Namespace", "dev")["metadata"]["labels"];
  labels["pod-security.kubernetes.io/enforce"] = "privileged";
  EXPECT_EQ(cluster.run("pod-security").status(), CheckStatus::kPass);
  labels["pod-security.kubernetes.io/enforce"] = "baseline";
  const Findings findings = cluster.run("pod-security");
  EXPECT_THAT(texts(findings), ElementsAre(HasSubstr("level baseline")));
  EXPECT_EQ(
      findings.all()[0].fix,
      "kubectl label namespace dev pod-security.kubernetes.io/enforce=privileged --overwrite");
  EXPECT_EQ(cluster.run("pod-security", "mode: native").status(), CheckStatus::kPass);
  cluster.remove("Namespace");
  EXPECT_EQ(cluster.run("pod-security").status(), CheckStatus::kSkip);
}

TEST(PodSecurityCheck, JudgesByTheProfileOfTheNamespace) {
  TestCluster cluster;
  auto& labels = cluster.one("Namespace", "dev")["metadata"]["labels"];
  labels["pod-security.kubernetes.io/enforce"] = "restricted";
  labels["cvm-webhook.io/profile"] = "own";
  EXPECT_EQ(
      cluster.run("pod-security", "profiles: [{name: own, settings: {mode: native}}]").status(),
      CheckStatus::kPass);
  EXPECT_EQ(
      cluster
          .run("pod-security", "profiles: [{name: own, chosenBy: [pod], settings: {mode: native}}]")
          .status(),
      CheckStatus::kFail);
}

}  // namespace
}  // namespace cvm::webhook
