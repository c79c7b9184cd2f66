#include "webhook/suites/suite_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/suites/suite_support.hpp"

namespace cvm::webhook {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> mistakes_in(std::string_view rest) { return parse_rest(rest).mistakes; }

std::string mistake_in(std::string_view rest) { return join(mistakes_in(rest)); }

TEST(SuiteReader, MergesACaseIntoTheBaseAndReplacesNodes) {
  const SuiteResult result = parse_rest(
      "settings: {caching: true, gpu: {usrLibDir: /usr/lib}}\n"
      "nodes: [{metadata: {name: a}}]\n"
      "cases:\n"
      "  - name: b\n"
      "    settings: {gpu: {usrLibDir: null}}\n"
      "    pod: {metadata: null, spec: {hostPID: true}}\n"
      "    nodes: []\n"
      "    expect: {allowed: true}\n"
      "  - {name: c, expect: {allowed: true}}\n");
  ASSERT_EQ(join(result.mistakes), "");
  const SuiteCase &b = result.suite.cases[0], &c = result.suite.cases[1];
  EXPECT_EQ(result.suite.settings[b.settings].given,
            nlohmann::json::parse(R"({"caching": true, "gpu": {}})"));
  EXPECT_TRUE(result.suite.settings[b.settings].settings.caching);
  EXPECT_EQ(b.input["spec"]["hostPID"], true);
  EXPECT_FALSE(b.input.contains("metadata"));
  EXPECT_EQ(b.input["kind"], "Pod");
  EXPECT_EQ(result.suite.nodes[b.nodes]->size, 0U);
  EXPECT_EQ(result.suite.nodes[c.nodes]->size, 1U);
  EXPECT_EQ(b.place.text(), "a.yaml:8:5");
}

TEST(SuiteReader, KeepsEqualSettingsAndNodesOnce) {
  const SuiteResult result = parse_rest(
      "settings: {caching: true}\n"
      "nodes: [{metadata: {name: a}}]\n"
      "cases:\n"
      "  - {name: b, settings: {mode: native}, nodes: [], expect: {allowed: true}}\n"
      "  - {name: c, settings: {mode: native}, nodes: [], expect: {allowed: true}}\n"
      "  - {name: d, settings: {}, nodes: [{metadata: {name: a}}], expect: {allowed: true}}\n");
  ASSERT_EQ(join(result.mistakes), "");
  EXPECT_EQ(result.suite.settings.size(), 2U);
  EXPECT_EQ(result.suite.cases[0].settings, result.suite.cases[1].settings);
  EXPECT_EQ(result.suite.cases[0].nodes, result.suite.cases[1].nodes);
  EXPECT_EQ(result.suite.nodes[result.suite.cases[2].nodes]->size, 1U);
}

TEST(SuiteReader, RefusesUnknownKeysAtEveryLevel) {
  EXPECT_EQ(mistake_in("caases: [{name: b, expect: {allowed: true}}]\n"),
            "a.yaml:1:1: expected the key cases (a list of at least one case), found no such key; "
            "a.yaml:5:1: caases: unknown key; did you mean cases?");
  EXPECT_EQ(mistake_in("cases:\n- {name: b, exspect: 1, expect: {allowed: true}}\n"),
            "a.yaml:6:13: cases[0].exspect: unknown key; did you mean expect?");
  EXPECT_EQ(mistake_in("cases:\n- {name: b, expect: {allowed: true, warning: [a]}}\n"),
            "a.yaml:6:37: cases[0].expect.warning: unknown key; did you mean warnings?");
  EXPECT_EQ(mistake_in("cases:\n- name: b\n  expect:\n    allowed: true\n"
                       "    findings: [{rule: tmp-mount, mesage: b}]\n"),
            "a.yaml:9:34: cases[0].expect.findings[0].mesage: unknown key; did you mean message?");
}

TEST(SuiteReader, RefusesSuitesThatCheckNothing) {
  EXPECT_EQ(mistake_in("cases: []\n"), "a.yaml:5:8: cases: expected at least one case, found none");
  EXPECT_THAT(mistake_in(""), HasSubstr("expected the key cases"));
  EXPECT_EQ(mistake_in("cases:\n- {name: b, expect: {}}\n"),
            "a.yaml:6:21: cases[0].expect: expected the key allowed (true or false), found no such "
            "key");
  EXPECT_EQ(mistake_in("cases:\n- {name: b}\n"),
            "a.yaml:6:3: cases[0]: expected the key expect (what must become of it), found no such "
            "key");
}

TEST(SuiteReader, TellsEveryMistakeAtOnceInTheOrderOfTheText) {
  EXPECT_THAT(
      mistakes_in(
          "cases:\n"
          "- {name: b, expect: {allowed: maybe}}\n"
          "- {name: b, expect: {allowed: true, warnings: ['(']}}\n"
          "- name: c\n"
          "  settings: {cacheing: true}\n"
          "  nodes: [{metadata: {name: 5}}]\n"
          "  expect: {allowed: false, findings: [{rule: node-selinuxx, action: refuse}]}\n"),
      ElementsAre(
          "a.yaml:6:31: cases[0].expect.allowed: expected true or false, found \"maybe\"",
          "a.yaml:7:10: cases[1].name: expected another name than that of the case of line 6, "
          "found \"b\"",
          HasSubstr(
              "a.yaml:7:48: cases[1].expect.warnings[0]: expected a regular expression, found "
              "\"(\" ("),
          "a.yaml:9:14: settings.cacheing: unknown key; did you mean caching?",
          HasSubstr("a.yaml:10:29: nodes[0].metadata.name: "),
          "a.yaml:11:46: cases[2].expect.findings[0].rule: expected the id of a rule, found "
          "\"node-selinuxx\"; did you mean node-selinux?",
          "a.yaml:11:69: cases[2].expect.findings[0].action: expected deny, warn or audit, found "
          "\"refuse\""));
}

TEST(SuiteReader, PointsAtTheSuiteForSettingsThatAllCasesHave) {
  EXPECT_EQ(mistake_in("settings: {mode: nativ}\n"
                       "cases:\n"
                       "- {name: b, expect: {allowed: true}}\n"
                       "- {name: c, settings: {caching: true}, expect: {allowed: true}}\n"),
            "a.yaml:5:18: settings.mode: expected supervised or native, found \"nativ\"; did you "
            "mean native?");
}

TEST(SuiteReader, RefusesCallsThatDoNotFit) {
  EXPECT_THAT(
      mistake_in("cases:\n- {name: b, change: {}, connect: {subresource: exec}, "
                 "expect: {allowed: true}}\n"),
      HasSubstr("a.yaml:6:25: cases[0].connect: expected one call after the pod's creation, "
                "found also change"));
  EXPECT_THAT(mistake_in("cases:\n- {name: b, operation: UPDATE, expect: {allowed: true}}\n"),
              HasSubstr("a.yaml:6:24: cases[0].operation: expected CREATE, which a case without"));
  EXPECT_THAT(mistake_in("cases:\n- {name: b, connect: {subresource: exe}, "
                         "expect: {allowed: true}}\n"),
              HasSubstr("did you mean exec?"));
  EXPECT_THAT(mistake_in("cases:\n- {name: b, pod: {metadata: {name: null}}, change: {}, "
                         "expect: {allowed: true}}\n"),
              HasSubstr("a pod with a name"));
  EXPECT_THAT(mistake_in("cases:\n- {name: b, change: {}, expect: {allowed: true, object: {}}}\n"),
              HasSubstr("a later call gives no object"));
  EXPECT_THAT(mistake_in("cases:\n- {name: b, expect: {allowed: false, object: {}}}\n"),
              HasSubstr("a refused pod has no object"));
}

TEST(SuiteReader, ReadsABinding) {
  const SuiteResult result = parse_rest(
      "nodes: [{metadata: {name: worker}}]\n"
      "cases:\n"
      "- name: b\n"
      "  operation: CREATE\n"
      "  bind: {node: worker, labels: {a: b}, annotations: {c: d}, hostVolumes: {data: /var},\n"
      "         unmappable: {other: nfs}}\n"
      "  expect: {allowed: true}\n"
      "- {name: c, bind: {node: worker}, expect: {allowed: true}}\n");
  ASSERT_EQ(join(result.mistakes), "");
  const BindingOfCase& binding = *result.suite.cases[0].bind;
  EXPECT_EQ(binding.node, "worker");
  EXPECT_EQ(binding.labels.at("a"), "b");
  EXPECT_EQ(binding.annotations.at("c"), "d");
  EXPECT_EQ(binding.host_volumes->at("data"), "/var");
  EXPECT_EQ(binding.unmappable->at("other"), "nfs");
  EXPECT_TRUE(result.suite.cases[0].is_later());
  EXPECT_FALSE(result.suite.cases[1].bind->host_volumes);
}

TEST(SuiteReader, RefusesBindingsThatNobodyMakes) {
  const std::string head = "nodes: [{metadata: {name: worker}}]\ncases:\n- {name: b, ";
  const std::string expect = ", expect: {allowed: true}}\n";
  EXPECT_EQ(mistake_in(head + "bind: {node: workr}" + expect),
            "a.yaml:7:26: cases[0].bind.node: no node of the case is named workr; did you mean "
            "worker?");
  EXPECT_EQ(mistake_in(head + "bind: {}" + expect),
            "a.yaml:7:19: cases[0].bind: expected the key node (that the pod is bound to), found "
            "no such key");
  EXPECT_EQ(mistake_in(head + "bind: {nod: worker, node: worker}" + expect),
            "a.yaml:7:20: cases[0].bind.nod: unknown key; did you mean node?");
  EXPECT_EQ(mistake_in(head + "bind: {node: worker, labels: {a: true}}" + expect),
            "a.yaml:7:46: cases[0].bind.labels.a: expected a string, found true; quote it");
  EXPECT_EQ(mistake_in(head + "bind: {node: worker}, operation: CONNECT" + expect),
            "a.yaml:7:46: cases[0].operation: expected CREATE, which a case with bind is, found "
            "CONNECT");
  EXPECT_EQ(mistake_in(head + "bind: {node: worker}, pod: {spec: {nodeName: worker}}" + expect),
            "a.yaml:7:13: cases[0].bind: expected a pod without spec.nodeName, which is bound "
            "already");
  EXPECT_THAT(mistake_in(head + "bind: {node: worker}, change: {}" + expect),
              HasSubstr("cases[0].bind: expected one call after the pod's creation, found also "
                        "change"));
  EXPECT_EQ(mistake_in("cases:\n- {name: b, bind: {node: any}" + expect), "")
      << "nothing is known about nodes";
}

TEST(SuiteReader, RefusesInputThatIsNone) {
  EXPECT_THAT(mistake_in("object: {}\ncases:\n- {name: b, expect: {allowed: true}}\n"),
              HasSubstr("expected one of pod, object and review, found also pod"));
  EXPECT_EQ(mistake_in("cases:\n- {name: b, object: {apiVersion: apps/v1, kind: Deploymnt}, "
                       "expect: {allowed: true}}\n"),
            "a.yaml:6:49: kind: expected Deployment, StatefulSet, DaemonSet, ReplicaSet, Job, "
            "CronJob, ReplicationController or PodTemplate, found Deploymnt; did you mean "
            "Deployment?");
  EXPECT_EQ(mistake_in("cases:\n- {name: b, pod: {kind: Node}, expect: {allowed: true}}\n"),
            "a.yaml:6:25: kind: expected Pod, found Node");
  EXPECT_THAT(
      mistake_in("cases:\n- {name: b, podFile: absent.yaml, expect: {allowed: true}}\n"),
      HasSubstr("a.yaml:6:22: cases[0].podFile: absent.yaml: cannot be read: No such file"));
  EXPECT_THAT(parse_suite("apiVersion: cvm-webhook.io/v1alpha1\nkind: CvmPolicyTest\nname: a\n"
                          "cases: [{name: b, expect: {allowed: true}}]\n",
                          "a.yaml")
                  .mistakes,
              ElementsAre("a.yaml:4:9: cases[0]: expected a pod, an object or a review, here or in "
                          "the suite, found none"));
}

TEST(SuiteReader, RefusesExpectationsOfNodesThatAreNotThere) {
  EXPECT_EQ(mistake_in("nodes: [{metadata: {name: worker}}]\n"
                       "cases:\n- {name: b, expect: {allowed: true, nodes: {workr: {}}}}\n"),
            "a.yaml:7:45: cases[0].expect.nodes.workr: no node of the case is named workr; did you "
            "mean worker?");
}

const NodeFacts& facts_of(const Suite& suite, std::string_view name) {
  const NodeCatalog& catalog = *suite.nodes[suite.cases[0].nodes];
  return *(*catalog.classes)[catalog.find(name)->node_class];
}

TEST(SuiteReader, MakesAWholeNodeOfTheShortForm) {
  const SuiteResult result = parse_rest(
      "cases:\n"
      "- name: b\n"
      "  node: {os: Windows Server 2022, kernel: 10.0.20348, arch: arm64, runtime: "
      "'cri-o://1.31',\n"
      "         kubelet: v1.29.0, providerID: 'aws:///eu-west-1a/i-1', labels: {a: b},\n"
      "         annotations: {cvm-webhook.io/x: why}, allocatable: {nvidia.com/gpu: 2},\n"
      "         taints: ['dedicated=x:NoSchedule', 'down:NoExecute',\n"
      "                  {key: k, value: v, effect: PreferNoSchedule}]}\n"
      "  expect: {allowed: true}\n");
  ASSERT_EQ(join(result.mistakes), "");
  const NodeFacts& node = facts_of(result.suite, "node");
  EXPECT_EQ(node.os_image, "Windows Server 2022");
  EXPECT_EQ(node.operating_system, "windows");
  EXPECT_EQ(node.kernel_version, "10.0.20348");
  EXPECT_EQ(node.architecture, "arm64");
  EXPECT_EQ(node.container_runtime, "cri-o://1.31");
  EXPECT_EQ(node.kubelet_version, "v1.29.0");
  EXPECT_EQ(node.provider_id, "aws://");
  EXPECT_EQ(node.labels.at("a"), "b");
  EXPECT_EQ(node.labels.at("kubernetes.io/os"), "windows");
  EXPECT_EQ(node.labels.at("kubernetes.io/arch"), "arm64");
  EXPECT_EQ(node.annotations.at("cvm-webhook.io/x"), "why");
  EXPECT_EQ(node.extended_resources.at("nvidia.com/gpu"), 2);
  EXPECT_EQ(node.taints, (std::vector<Taint>{{"dedicated", "x", "NoSchedule"},
                                             {"down", "", "NoExecute"},
                                             {"k", "v", "PreferNoSchedule"}}));
}

TEST(SuiteReader, TakesShortAndWholeNodesInOneList) {
  const SuiteResult result = parse_rest(
      "nodes: [{}, {metadata: {name: whole}}, {name: named}, {arch: arm64}]\n"
      "cases:\n- {name: b, expect: {allowed: true}}\n- {name: c, node: {metadata: {name: x}}, "
      "expect: {allowed: true}}\n");
  ASSERT_EQ(join(result.mistakes), "");
  const NodeCatalog& catalog = *result.suite.nodes[result.suite.cases[0].nodes];
  EXPECT_EQ(catalog.size, 4U);
  for (const char* name : {"node-1", "whole", "named", "node-4"}) {
    EXPECT_NE(catalog.find(name), nullptr) << name;
  }
  EXPECT_EQ(facts_of(result.suite, "node-4").architecture, "arm64");
  EXPECT_NE(result.suite.nodes[result.suite.cases[1].nodes]->find("x"), nullptr);
}

TEST(SuiteReader, SaysWhatIsWrongWithAShortNode) {
  const auto mistake_of = [](const std::string& nodes) {
    return mistake_in("cases:\n- {name: b, " + nodes + ", expect: {allowed: true}}\n");
  };
  EXPECT_EQ(mistake_of("node: {kernal: '6.8'}"),
            "a.yaml:6:20: cases[0].node.kernal: unknown key; did you mean kernel?");
  EXPECT_EQ(mistake_of("node: {kernel: 6.8}"),
            "a.yaml:6:28: cases[0].node.kernel: expected a string, found the number 6.8; quote it");
  EXPECT_EQ(mistake_of("node: {taints: ['x=y:NoShedule']}"),
            "a.yaml:6:29: cases[0].node.taints[0]: expected key=value:Effect or key:Effect, with "
            "the effect NoSchedule, PreferNoSchedule or NoExecute, found \"x=y:NoShedule\"");
  EXPECT_EQ(mistake_of("node: {taints: [{key: x, effect: NoShedule}]}"),
            "a.yaml:6:46: cases[0].node.taints[0].effect: expected NoSchedule, PreferNoSchedule or "
            "NoExecute, found \"NoShedule\"; did you mean NoSchedule?");
  EXPECT_EQ(mistake_of("node: {os: Ubuntu, metadata: {name: a}}"),
            "a.yaml:6:20: cases[0].node.os: a whole Node (metadata, spec, status) has no such key");
  EXPECT_EQ(mistake_of("node: {}, nodes: []"),
            "a.yaml:6:13: cases[0].node: expected one of node and nodes");
  EXPECT_EQ(mistake_of("nodes: [{name: x}, {metadata: {name: x}}]"),
            "a.yaml:6:32: cases[0].nodes[1]: another node of the case is named x");
  EXPECT_EQ(mistake_of("node: {metadata: {name: 5}}"),
            "a.yaml:6:37: node.metadata.name: expected a string, found a number");
  EXPECT_EQ(mistake_of("node: 5"), "a.yaml:6:19: node: expected an object, found a number");
  EXPECT_EQ(mistake_in("node: {}\ncases:\n- {name: b, expect: {allowed: true, nodes: {node: "
                       "{findings: [{rule: node-os, field: x}]}}}}\n"),
            "a.yaml:7:79: cases[0].expect.nodes.node.findings[0].field: a finding of a node has no "
            "field");
}

TEST(SuiteReader, SaysWhereTextIsNoYaml) {
  EXPECT_THAT(mistake_in("cases: [\n"), HasSubstr("a.yaml:"));
  EXPECT_EQ(join(parse_suite("", "a.yaml").mistakes),
            "a.yaml:1:1: expected one suite, found an empty file");
  EXPECT_EQ(join(load_suite("/absent.yaml").mistakes),
            "/absent.yaml: cannot be read: No such file or directory");
}

}  // namespace
}  // namespace cvm::webhook
