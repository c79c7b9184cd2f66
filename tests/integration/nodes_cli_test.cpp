// `nodes`, run as a user runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "run_binary.hpp"

namespace cvm::webhook {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;

const std::string kUbuntu = "tests/data/nodes/ubuntu.yaml";
const std::string kSelinux = "tests/data/nodes/selinux.json";
const std::string kFleet = "tests/data/nodes/fleet.yaml";
const std::string kSettingsHead = "apiVersion: cvm-webhook.io/v1alpha1\nkind: CvmSettings\n";

Outcome nodes(const std::string& file, std::vector<std::string> more = {},
              const std::string& input = "") {
  std::vector<std::string> arguments = {"nodes", "--nodes", file};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_binary(arguments, input);
}

// The whole answer about a file under settings.
nlohmann::json judge(const std::string& file, const std::string& settings) {
  const Outcome run = nodes(file, {"-o", "json", "--settings", "-"}, kSettingsHead + settings);
  EXPECT_EQ(run.err, "");
  return nlohmann::json::parse(run.out);
}

nlohmann::json find_node(const nlohmann::json& nodes, const std::string& name) {
  const auto found = std::find_if(nodes.begin(), nodes.end(),
                                  [&](const auto& node) { return node["name"] == name; });
  return found == nodes.end() ? nlohmann::json() : *found;
}

TEST(Nodes, AreATableOfThoseThatLookAlike) {
  const Outcome run = nodes(kUbuntu);
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err, "");
  EXPECT_EQ(run.out,
            "NAME          NODES   CVM   GPU    CLOUD                 KERNEL             "
            "DISTRIBUTION   SELINUX   RULES   CHANGE\n"
            "worker-1 +1   2       yes   none   Metal3 (bare metal)   6.8.0-48-generic   "
            "Ubuntu 22.04   off       -       -\n"
            "\n"
            "2 of 2 nodes can host CVMs, none of them with a GPU\n");
  EXPECT_EQ(nodes(kUbuntu, {"-o", "text"}).out, run.out);
  EXPECT_EQ(nodes(kUbuntu, {"-o", "table"}).out, run.out);
}

// tests/data/golden holds what the same command line prints; read the difference before replacing
// it.
TEST(Nodes, SayWhatWouldHaveToChange) {
  const Outcome run = nodes(kFleet);
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.out, read_test_data("golden/nodes.txt"));
}

TEST(Nodes, SayMoreWhenWide) {
  const Outcome run = nodes(kFleet, {"-o", "wide"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.out, read_test_data("golden/nodes-wide.txt"));
}

TEST(Nodes, AreARowEachWhenAllAreAskedFor) {
  const Outcome run = nodes(kFleet, {"--all"});
  for (const char* row :
       {"\nworker-1 +1 +yes", "\nworker-2 +1 +yes", "\nworker-3 +1 +yes", "\nhardened-2 +1 +no"}) {
    EXPECT_THAT(run.out, ContainsRegex(row));
  }
  EXPECT_THAT(run.out, Not(HasSubstr(" +")));
  EXPECT_THAT(run.out, HasSubstr("\n\n6 of 9 nodes can host CVMs, 1 of them with a GPU\n"));
}

TEST(Nodes, SayWhyOneCannotOnceForAllThatAreAlike) {
  const Outcome wide = nodes(kFleet, {"-o", "wide"});
  const std::string reason = "cvm/node-selinux: Amazon Linux 2023 has SELinux enabled";
  const std::size_t at = wide.out.find(reason);
  ASSERT_NE(at, std::string::npos);
  EXPECT_EQ(wide.out.find(reason, at + 1), std::string::npos);
  EXPECT_THAT(wide.out, HasSubstr("\nhardened-1 +1: " + reason));
}

TEST(Nodes, TellWhatGivesAUserNamespaceInModeNative) {
  const Outcome table = nodes(kUbuntu, {"--settings", "-"}, kSettingsHead + "mode: native\n");
  EXPECT_THAT(table.out, ContainsRegex("SELINUX +USER-NAMESPACES +RULES"));
  EXPECT_THAT(table.out, ContainsRegex("off +hostUsers +-"));
  EXPECT_THAT(nodes(kUbuntu).out, Not(HasSubstr("USER-NAMESPACES")));
  const nlohmann::json node = find_node(judge(kUbuntu, "mode: native\n"), "worker-1");
  EXPECT_EQ(node["userNamespaces"], (nlohmann::json{{"need", "hostUsers"}, {"reason", ""}}));
  EXPECT_FALSE(find_node(judge(kUbuntu, ""), "worker-1").contains("userNamespaces"));
}

TEST(Nodes, EndWithOneWhenNoneCanHost) {
  for (const char* form : {"text", "wide", "json", "yaml"}) {
    EXPECT_EQ(nodes(kSelinux, {"-o", form}).exit_code, 1) << form;
    EXPECT_EQ(nodes(kFleet, {"-o", form}).exit_code, 0) << form;
  }
  EXPECT_THAT(nodes(kSelinux).out, HasSubstr("\n\n0 of 1 node can host CVMs\n"));
  const Outcome none = nodes("-", {}, "apiVersion: v1\nkind: NodeList\nitems: []\n");
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_THAT(none.out, HasSubstr("\n0 of 0 nodes can host CVMs\n"));
}

TEST(Nodes, EndWithTwoWhenTheInputIsWrong) {
  const Outcome broken = nodes("tests/data/nodes/wrong-type.yaml");
  EXPECT_EQ(broken.exit_code, 2);
  EXPECT_EQ(broken.out, "");
  EXPECT_THAT(broken.err, HasSubstr("tests/data/nodes/wrong-type.yaml:7:"));
  EXPECT_EQ(nodes("absent.yaml").exit_code, 2);
  EXPECT_EQ(nodes("-").exit_code, 2);
  const auto form = nodes(kUbuntu, {"-o", "xml"});
  EXPECT_EQ(form.exit_code, 2);
  EXPECT_THAT(form.err,
              HasSubstr("--output: expected json, table, text, wide or yaml, found \"xml\""));
  EXPECT_EQ(nodes(kUbuntu, {"--settings", "-"}, kSettingsHead + "cacheing: true\n").exit_code, 2);
  const Outcome twice = nodes("-", {"--settings", "-"});
  EXPECT_EQ(twice.exit_code, 2);
  EXPECT_THAT(twice.err, HasSubstr("only one of --nodes, --settings and --pods can be the"));
}

TEST(Nodes, AreAListForPrograms) {
  const auto all = nlohmann::json::parse(nodes(kFleet, {"-o", "json"}).out);
  ASSERT_EQ(all.size(), 9u);
  EXPECT_EQ(find_node(all, "gpu-cloud-1"), nlohmann::json::parse(R"({
    "name": "gpu-cloud-1",
    "cvm": true,
    "gpu": false,
    "gpus": {"nvidia.com/gpu": 4},
    "cloud": {"name": "gce", "hosting": "cloud", "from": "label cloud.google.com/gke-nodepool"},
    "kernelVersion": "6.8.0-1014-gke",
    "osImage": "Ubuntu 22.04.5 LTS",
    "distribution": "Ubuntu 22.04",
    "selinux": {"state": "off", "from": "default of Ubuntu 22.04"},
    "architecture": "amd64",
    "kubeletVersion": "v1.34.2",
    "containerRuntimeVersion": "containerd://2.0.5",
    "providerID": "",
    "reasons": [{
      "rule": "gpu-cloud",
      "action": "deny",
      "message": "GPUs in CVMs do not work on cloud nodes: Google Cloud (label cloud.google.com/gke-nodepool); choose bare metal nodes, or remove the GPU from the pod's resources",
      "change": "use bare metal nodes, or leave the GPU out",
      "gpuPodsOnly": true
    }]
  })"));
}

TEST(Nodes, SayWhereTheyRunAndFromWhatItIsKnown) {
  const auto all = nlohmann::json::parse(nodes(kFleet, {"-o", "json"}).out);
  const auto cloud = [&](const std::string& name) {
    const auto node = find_node(all, name)["cloud"];
    return node["hosting"].get<std::string>() + ": " + node["from"].get<std::string>();
  };
  EXPECT_EQ(cloud("worker-1"), "bareMetal: spec.providerID metal3://");
  EXPECT_EQ(cloud("gpu-amd-1"), "virtual: spec.providerID vsphere://");
  EXPECT_EQ(cloud("gpu-cloud-1"), "cloud: label cloud.google.com/gke-nodepool");
  EXPECT_EQ(cloud("hardened-1"), "cloud: kernel flavour amzn2023");
  EXPECT_EQ(cloud("homemade-1"), "unknown: ");
}

TEST(Nodes, AreTheSameInYaml) {
  const Outcome yaml = nodes(kFleet, {"-o", "yaml"});
  EXPECT_EQ(yaml.exit_code, 0);
  EXPECT_THAT(yaml.out, testing::StartsWith("- name: gpu-1\n  cvm: true\n  gpu: true\n  gpus:\n"
                                            "    nvidia.com/gpu: 8\n  cloud:\n    name: metal3\n"));
  EXPECT_THAT(yaml.out, HasSubstr("    change: Sysbox does not support it; use Ubuntu nodes\n"));
}

TEST(Nodes, TellNodesThatCanHostCvmsWithoutGpus) {
  const auto all = nlohmann::json::parse(nodes(kFleet, {"-o", "json"}).out);
  EXPECT_EQ(find_node(all, "gpu-1")["gpu"], true);
  const auto amd = find_node(all, "gpu-amd-1");
  EXPECT_EQ(amd["cvm"], true);
  EXPECT_EQ(amd["gpu"], false);
  EXPECT_EQ(amd["gpus"]["amd.com/gpu"], 2);
  EXPECT_EQ(amd["reasons"].back()["rule"], "gpu-vendor");
  EXPECT_EQ(find_node(all, "worker-1")["gpus"], nlohmann::json::object());
}

TEST(Nodes, FollowTheSettings) {
  const auto warned = judge(kSelinux, "rules: {node-selinux: warn}\n").at(0);
  EXPECT_EQ(warned["cvm"], true);
  EXPECT_EQ(warned["reasons"][0]["action"], "warn");
  EXPECT_EQ(find_node(judge(kFleet, "rules: {gpu-vendor: warn}\n"), "gpu-amd-1")["gpu"], true);
}

TEST(Nodes, AnswerWhatIfCachingWereOn) {
  EXPECT_EQ(nodes(kUbuntu).exit_code, 0);
  const Outcome cached = nodes(kUbuntu, {"--settings", "-"}, kSettingsHead + "caching: true\n");
  EXPECT_EQ(cached.exit_code, 1);
  EXPECT_THAT(cached.out, ContainsRegex("\nworker-1 \\+1 +2 +no +none .* node-shiftfs +choose"));
  // As an administrator says that the module is there, the CVM itself would run.
  const auto gpu = find_node(judge(kFleet, "caching: true\nrules: {node-shiftfs: off}\n"), "gpu-1");
  EXPECT_EQ(gpu["cvm"], true);
  EXPECT_EQ(gpu["gpu"], false);
  EXPECT_EQ(gpu["reasons"][0]["rule"], "gpu-caching");
}

TEST(Nodes, HonourRowsOfCompatibility) {
  const auto all = judge(kFleet,
                         "compatibility:\n"
                         "  distributions: [{id: amzn, version: '2023', minimumKernel: '5.12', "
                         "shiftfs: none, selinux: 'off'}]\n"
                         "  clouds: [{name: metal3, title: Our racks, providerID: 'metal3://', "
                         "hosting: virtual}]\n");
  EXPECT_EQ(find_node(all, "hardened-1")["selinux"]["state"], "off");
  EXPECT_EQ(find_node(all, "hardened-1")["cvm"], true);
  EXPECT_EQ(find_node(all, "worker-1")["cloud"]["hosting"], "virtual");
}

TEST(Nodes, ListTemplatesOfTheSettingsAsNoNodes) {
  const std::string settings = kSettingsHead +
                               "nodes:\n  templates:\n    - name: big\n"
                               "      osImage: Ubuntu 22.04.5 LTS\n"
                               "      kernelVersion: 6.8.0-48-generic\n"
                               "      architecture: amd64\n      operatingSystem: linux\n";
  const Outcome run = nodes(kSelinux, {"--settings", "-"}, settings);
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.out, ContainsRegex("\ntemplate big +0 +yes +none +unknown +6.8.0"));
  EXPECT_THAT(run.out, HasSubstr("\n0 of 1 node can host CVMs\n"));
  const Outcome json = nodes(kSelinux, {"-o", "json", "--settings", "-"}, settings);
  EXPECT_EQ(nlohmann::json::parse(json.out).size(), 1u);
}

const std::string kPods = R"(
apiVersion: v1
kind: PodList
items:
- metadata: {name: anywhere, namespace: team}
  spec: {containers: [{name: dev, image: ubuntu}]}
- metadata: {name: hardened, namespace: team}
  spec: {nodeSelector: {pool: hardened}, containers: [{name: dev, image: ubuntu}]}
- metadata: {name: nowhere}
  spec: {nodeSelector: {pool: none}, containers: [{name: dev, image: ubuntu}]}
- metadata: {name: gpu}
  spec:
    nodeSelector: {cloud.google.com/gke-nodepool: gpu}
    containers: [{name: dev, image: ubuntu, resources: {limits: {nvidia.com/gpu: 1}}}]
)";

TEST(Nodes, SayHowManyCouldHostEachPod) {
  const Outcome run = nodes(kFleet, {"--pods", "-"}, kPods);
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err, "");
  EXPECT_THAT(run.out, HasSubstr("with a GPU\n\nPOD "));
  EXPECT_THAT(run.out, ContainsRegex("\nteam/anywhere +9 +6 +-\n"));
  EXPECT_THAT(run.out, ContainsRegex("\nteam/hardened +2 +0 +none of the 2 nodes this pod may land "
                                     "on can host a CVM: 2 run SELinux \\("));
  EXPECT_THAT(run.out, ContainsRegex("\nnowhere +0 +0 +no node matches its nodeName, "));
  EXPECT_THAT(run.out, ContainsRegex("\ngpu +1 +0 +the only node .* asks for nvidia.com/gpu"));
}

TEST(Nodes, PutPodsBesideTheNodesForPrograms) {
  const auto both = nlohmann::json::parse(nodes(kFleet, {"--pods", "-", "-o", "json"}, kPods).out);
  EXPECT_EQ(both["nodes"].size(), 9u);
  ASSERT_EQ(both["pods"].size(), 4u);
  EXPECT_EQ(both["pods"][0],
            nlohmann::json::parse(R"({"name": "anywhere", "namespace": "team", "nodes": 9,
                                      "canHost": 6, "reason": ""})"));
  EXPECT_THAT(nodes(kFleet, {"--pods", "-", "-o", "yaml"}, kPods).out,
              HasSubstr("\npods:\n- name: anywhere\n  namespace: team\n  nodes: 9\n"));
}

TEST(Nodes, SayWhatIsWrongWithPods) {
  const Outcome wrong = nodes(kUbuntu, {"--pods", "-"},
                              "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
                              "spec:\n  hostNetwork: 3\n  containers: [{name: dev}]\n");
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_EQ(wrong.out, "");
  EXPECT_THAT(wrong.err, HasSubstr("<stdin>:5:16: spec.hostNetwork: expected"));
  const Outcome none = nodes(kUbuntu, {"--pods", kUbuntu});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_THAT(none.err, HasSubstr(kUbuntu + ": expected a Pod, or a Deployment, "));
}

TEST(Nodes, AreJudgedByAProfileOfTheSettings) {
  const std::string settings =
      kSettingsHead + "profiles: [{name: cached, settings: {caching: true}}]\n";
  const Outcome cached = nodes(kFleet, {"--settings", "-", "--profile", "cached"}, settings);
  EXPECT_EQ(cached.out, nodes(kFleet, {"--settings", "-"}, kSettingsHead + "caching: true\n").out);
  EXPECT_NE(cached.out, nodes(kFleet, {"--settings", "-"}, settings).out);
  const Outcome unknown = nodes(kFleet, {"--settings", "-", "--profile", "cache"}, settings);
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.err, HasSubstr("<stdin>: no profile is named cache; did you mean cached?"));
  const Outcome none = nodes(kFleet, {"--profile", "cached"});
  EXPECT_THAT(none.err, HasSubstr("the default settings: no profile is named cached"));
}

TEST(Nodes, CountNodeTemplatesForPodsAsWhatCouldBe) {
  const Outcome run =
      nodes(kSelinux, {"--pods", "tests/data/pods/workspace.yaml", "--settings", "-"},
            kSettingsHead +
                "nodes:\n  templates:\n    - name: big\n"
                "      osImage: Ubuntu 22.04.5 LTS\n"
                "      kernelVersion: 6.8.0-48-generic\n"
                "      architecture: amd64\n      operatingSystem: linux\n");
  EXPECT_THAT(run.out, ContainsRegex(" +1 +0 +the only node .*; a node template of the settings"));
}

}  // namespace
}  // namespace cvm::webhook
