#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test_cluster.hpp"

namespace cvm::webhook {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

TEST(NodesCheck, CountsTheNodesThatCanHostCvms) {
  TestCluster cluster;
  EXPECT_THAT(texts(cluster.run("nodes")), ElementsAre("pass: 1 of 2 nodes can host CVMs"));
  cluster.one("Node", "worker-1")["status"]["nodeInfo"]["kernelVersion"] = "3.10.0";
  EXPECT_THAT(texts(cluster.run("nodes")),
              ElementsAre(StartsWith("fail: 0 of 2 nodes can host CVMs; node-")));
  cluster.remove("Node");
  EXPECT_THAT(texts(cluster.run("nodes")), ElementsAre("skip: the dump has no Node"));
}

TEST(NodesCheck, JudgesByEveryProfile) {
  const TestCluster cluster;
  const std::string settings = R"({profiles: [{name: gpu, settings: {supervisor: {tun: true}}}]})";
  EXPECT_THAT(texts(cluster.run("nodes", settings)),
              ElementsAre(StartsWith("pass: 1 of 2"), StartsWith("pass: profile gpu: 1 of 2")));
}

TEST(NodesCheck, WarnsWhereOnlyTemplatesCanHostCvms) {
  TestCluster cluster;
  cluster.remove("Node", true);
  const std::string settings =
      "nodes: {templates: [{name: new, kernelVersion: 6.8.0-48-generic, osImage: Ubuntu 24.04}]}";
  EXPECT_THAT(texts(cluster.run("nodes", settings)), ElementsAre(StartsWith("warn: 0 of 0 nodes")));
}

TEST(RuntimeClassCheck, WantsTheClassWithAHandlerThatFitsTheMode) {
  TestCluster cluster;
  EXPECT_EQ(cluster.run("runtime-class").status(), CheckStatus::kPass);
  cluster.one("RuntimeClass")["handler"] = "sysbox-runc";
  const Findings other = cluster.run("runtime-class");
  EXPECT_THAT(texts(other), ElementsAre(HasSubstr("fail: the handler of RuntimeClass \"cvm\"")));
  EXPECT_EQ(other.all()[0].fix,
            "kubectl get runtimeclass cvm -o yaml | sed 's/^handler: .*/handler: runc/' | kubectl "
            "replace --force -f -");
  cluster.remove("RuntimeClass", true);
  EXPECT_THAT(texts(cluster.run("runtime-class")),
              ElementsAre(HasSubstr("fail: RuntimeClass \"cvm\" does not exist")));
  EXPECT_EQ(cluster.run("runtime-class-nodes").status(), CheckStatus::kSkip);
}

TEST(RuntimeClassNodesCheck, WantsTheMarksOnTheNodesThatCanHostCvms) {
  TestCluster cluster;
  EXPECT_THAT(texts(cluster.run("runtime-class-nodes")),
              ElementsAre("pass: RuntimeClass \"cvm\" selects 1 node (cvm-webhook.io/cvm=true)"));
  auto& marks = cluster.one("Node", "hardened-1")["metadata"]["labels"];
  marks["cvm-webhook.io/cvm"] = "true";
  EXPECT_THAT(texts(cluster.run("runtime-class-nodes")),
              ElementsAre(AllOf(StartsWith("warn: "), HasSubstr("hardened-1"))));
  cluster.one("Node", "worker-1")["metadata"]["labels"]["cvm-webhook.io/cvm"] = "false";
  const Findings none = cluster.run("runtime-class-nodes");
  EXPECT_EQ(none.status(), CheckStatus::kFail);
  EXPECT_EQ(none.all()[0].fix, "kubectl label nodes worker-1 cvm-webhook.io/cvm=true --overwrite");
}

TEST(RuntimeClassNodesCheck, WantsTheHandlerOnNodesThatTellTheirs) {
  TestCluster cluster;
  auto& status = cluster.one("Node", "worker-1")["status"];
  status["runtimeHandlers"] = {{{"name", "runc"}}};
  EXPECT_EQ(cluster.run("runtime-class-nodes").status(), CheckStatus::kPass);
  status["runtimeHandlers"] = {{{"name", ""}}, {{"name", "crun"}}};
  EXPECT_EQ(cluster.run("runtime-class-nodes").status(), CheckStatus::kFail);
}

TEST(KubernetesVersionCheck, WantsSidecarsWhereThePlacementUsesThem) {
  TestCluster cluster;
  EXPECT_EQ(cluster.run("kubernetes-version").status(), CheckStatus::kPass);
  ClusterFacts facts = cluster.facts();
  facts.server_version = "v1.28.9";
  EXPECT_THAT(texts(cluster.run_on(facts, "kubernetes-version")),
              ElementsAre(HasSubstr("fail: the API server is v1.28.9")));
  EXPECT_EQ(
      cluster.run_on(facts, "kubernetes-version", "supervisor: {placement: container}").status(),
      CheckStatus::kPass);
}

TEST(KubernetesVersionCheck, WarnsOfKubeletsThatAreFarBehind) {
  TestCluster cluster;
  cluster.one("Node", "worker-1")["status"]["nodeInfo"]["kubeletVersion"] = "v1.30.1";
  EXPECT_THAT(
      texts(cluster.run("kubernetes-version")),
      ElementsAre(AllOf(StartsWith("warn: kubelets are more than 3"), HasSubstr("worker-1"))));
  cluster.remove("Node");
  EXPECT_EQ(cluster.run("kubernetes-version").status(), CheckStatus::kSkip);
}

TEST(ContainerRuntimeCheck, KnowsTheRuntimesThatModeNativeCannotUse) {
  TestCluster cluster;
  cluster.one("Node", "worker-1")["status"]["nodeInfo"]["containerRuntimeVersion"] =
      "containerd://2.0.3";
  EXPECT_EQ(cluster.run("container-runtime").status(), CheckStatus::kPass);
  EXPECT_THAT(texts(cluster.run("container-runtime", "mode: native")),
              ElementsAre(AllOf(StartsWith("warn: containerd"), HasSubstr("worker-1"))));
  cluster.remove("Node");
  EXPECT_EQ(cluster.run("container-runtime").status(), CheckStatus::kSkip);
}

}  // namespace
}  // namespace cvm::webhook
