#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test_cluster.hpp"

namespace cvm::webhook {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

TestCluster::Json plain_pod(const std::string& name) {
  return {{"apiVersion", "v1"},
          {"kind", "Pod"},
          {"metadata", {{"name", name}, {"namespace", "dev"}, {"labels", {{"app", name}}}}},
          {"status", {{"phase", "Running"}}}};
}

TEST(StorageClassesCheck, KnowsWhatModeNativeCannotMap) {
  TestCluster cluster;
  cluster.one("StorageClass")["provisioner"] = "efs.csi.aws.com";
  EXPECT_EQ(cluster.run("storage-classes").status(), CheckStatus::kPass);
  EXPECT_THAT(texts(cluster.run("storage-classes", "mode: native")),
              ElementsAre(AllOf(StartsWith("warn: "), HasSubstr("block (NFS)"))));
  cluster.remove("StorageClass", true);
  cluster.one("PersistentVolume")["spec"] = {{"nfs", {{"server", "nfs"}, {"path", "/"}}}};
  EXPECT_THAT(texts(cluster.run("storage-classes", "mode: native")),
              ElementsAre(HasSubstr("1 PersistentVolume on NFS")));
  TestCluster other;
  other.remove("StorageClass");
  EXPECT_EQ(other.run("storage-classes", "mode: native").status(), CheckStatus::kSkip);
}

TEST(PodsCheck, WarnsOfPodsThatShouldBeCvms) {
  TestCluster cluster;
  EXPECT_THAT(texts(cluster.run("pods")), ElementsAre(HasSubstr("is one: 1 CVM")));
  for (int i = 0; i < 7; ++i) cluster.add(plain_pod("pod-" + std::to_string(i)));
  const Findings findings = cluster.run("pods");
  EXPECT_THAT(texts(findings), ElementsAre(AllOf(StartsWith("warn: 7 pods should"),
                                                 HasSubstr("dev/pod-4 and 2 more"))));
  EXPECT_EQ(findings.all()[0].fix, "kubectl -n dev delete pod pod-0");
  EXPECT_EQ(cluster.run("pods", "enabled: false").status(), CheckStatus::kPass);
  EXPECT_EQ(cluster.run("pods", "defaultToCvm: false").status(), CheckStatus::kPass);
  EXPECT_EQ(cluster.run("pods", "workspaces: {selector: {matchLabels: {app: x}}}").status(),
            CheckStatus::kPass);
}

TEST(PodsCheck, LeavesAloneWhatOptedOutOrTakesNoPart) {
  TestCluster cluster;
  auto pod = plain_pod("out");
  pod["metadata"]["labels"]["cvm-webhook.io/cvm"] = "false";
  cluster.add(pod);
  pod = plain_pod("elsewhere");
  pod["metadata"]["namespace"] = "kube-system";
  cluster.add(pod);
  EXPECT_EQ(cluster.run("pods").status(), CheckStatus::kPass);
  cluster.remove("Pod");
  EXPECT_EQ(cluster.run("pods").status(), CheckStatus::kSkip);
}

}  // namespace
}  // namespace cvm::webhook
