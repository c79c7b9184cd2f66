#include "webhook/suites/case_runner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/suites/suite_support.hpp"

namespace cvm::webhook {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kDeployment =
    "object: {apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {template: "
    "{spec: {containers: [{name: dev, image: u, securityContext: {privileged: PRIVILEGED}}]}}}}";

std::string deployment_case(bool privileged, const std::string& rest) {
  std::string object = kDeployment;
  object.replace(object.find("PRIVILEGED"), 10, privileged ? "true" : "false");
  return "cases:\n- {name: b, " + object + ", " + rest + "}\n";
}

TEST(CaseRunner, PassesWhatIsAsExpected) {
  const CaseResult result =
      run_first("cases: [{name: b, expect: {allowed: true, cvm: true, findings: []}}]\n");
  EXPECT_EQ(differences(result), "");
  EXPECT_EQ(result.status, CaseStatus::kPassed);
  EXPECT_TRUE(result.is_creation);
  EXPECT_EQ(result.object["spec"]["runtimeClassName"], "cvm");
  EXPECT_FALSE(result.given["spec"].contains("runtimeClassName"));
}

TEST(CaseRunner, ShowsWhatIsNot) {
  const CaseResult result = run_first(
      "cases:\n- name: b\n  expect: {allowed: false, cvm: false, profile: gpu, findings: "
      "[{rule: tmp-mount}], warnings: [beta]}\n");
  EXPECT_EQ(result.status, CaseStatus::kFailed);
  EXPECT_EQ(differences(result),
            "allowed: false -> true; finding missing: {\"rule\":\"tmp-mount\"} -> null; warning "
            "missing: \"beta\" -> null; cvm: false -> true; profile: \"gpu\" -> \"\"");
}

TEST(CaseRunner, JudgesTheDeploymentAndThePodThatItMakes) {
  const CaseResult result = run_first(
      deployment_case(true,
                      "expect: {allowed: false, findings: [{rule: privileged-workspace, "
                      "field: 'spec.containers[0].securityContext.privileged'}], "
                      "template: {allowed: true, findings: [{rule: privileged-workspace, "
                      "action: warn, field: "
                      "'spec.template.spec.containers[0].securityContext.privileged'}]}}"));
  EXPECT_EQ(differences(result), "");
  EXPECT_EQ(result.given["metadata"]["generateName"], "web-");
  EXPECT_EQ(differences(run_first(deployment_case(
                false, "expect: {allowed: true, object: {spec: {runtimeClassName: cvm}}}"))),
            "");
}

TEST(CaseRunner, MakesNoPodOfADeploymentThatIsRefused) {
  const CaseResult result = run_first(
      deployment_case(true,
                      "settings: {isolation: {templates: deny}}, expect: {allowed: false, "
                      "template: {allowed: false}}"));
  EXPECT_EQ(differences(result), "");
  EXPECT_FALSE(result.is_creation);
}

TEST(CaseRunner, JudgesTheChangeOfADeploymentByWhatIsNew) {
  EXPECT_EQ(differences(run_first(deployment_case(
                true,
                "operation: UPDATE, change: {metadata: {labels: {a: b}}}, expect: {allowed: "
                "true, findings: []}"))),
            "");
}

TEST(CaseRunner, AsksWhatARecordingAsks) {
  const std::string review =
      "review: {apiVersion: admission.k8s.io/v1, kind: AdmissionReview, request: {uid: x, "
      "operation: CREATE, namespace: dev, kind: {group: '', version: v1, kind: Pod}, resource: "
      "{group: '', version: v1, resource: pods}, userInfo: {username: alice}, object: "
      "{apiVersion: v1, kind: Pod, metadata: {name: w}, spec: {containers: [{name: dev, image: "
      "u}]}}}}";
  const CaseResult result =
      run_first("cases:\n- {name: b, " + review +
                ", expect: {allowed: true, cvm: true, object: {spec: {runtimeClassName: cvm}}}}\n");
  EXPECT_EQ(differences(result), "");
}

TEST(CaseRunner, CallsAsTheUser) {
  const std::string change =
      "settings: {isolation: {breakGlass: {users: [root]}}}\ncases:\n- {name: b, "
      "change: {metadata: {annotations: {cvm-webhook.io/plan: null}}}, ";
  EXPECT_EQ(differences(run_first(change + "expect: {allowed: false}}\n")), "");
  EXPECT_EQ(differences(run_first(change + "user: {name: root}, expect: {allowed: true}}\n")), "");
}

TEST(CaseRunner, ComparesTheVerdictOfEachNode) {
  const std::string nodes =
      "nodes:\n"
      "- metadata: {name: a, labels: {feature.node.kubernetes.io/kernel-selinux.enabled: 'true'}}\n"
      "  status: {nodeInfo: {kernelVersion: 6.8.0, osImage: Ubuntu 24.04, operatingSystem: "
      "linux}}\n"
      "- metadata: {name: b}\n"
      "  status: {nodeInfo: {kernelVersion: 6.8.0, osImage: Ubuntu 24.04, operatingSystem: "
      "linux}}\n";
  EXPECT_EQ(differences(run_first(nodes + "cases:\n- {name: b, expect: {allowed: true, nodes: {a: "
                                          "{canHost: false, rules: [node-selinux]}, b: {canHost: "
                                          "true, rules: []}}}}\n")),
            "");
  EXPECT_EQ(differences(run_first(nodes + "cases:\n- {name: b, expect: {allowed: true, nodes: {a: "
                                          "{canHost: true, rules: []}}}}\n")),
            "node a: canHost: true -> false; node a: rules: [] -> [\"node-selinux\"]");
}

TEST(CaseRunner, ComparesTheFindingsOfEachNode) {
  const auto differ = [](const std::string& findings) {
    return differences(
        run_first("cases:\n- {name: b, node: {arch: s390x}, expect: {allowed: false, "
                  "nodes: {node: {findings: [" +
                  findings + "]}}}}\n"));
  };
  EXPECT_EQ(
      differ("{rule: node-architecture, action: deny, message: '^architecture s390x is not'}"), "");
  EXPECT_EQ(differ("{rule: node-architecture, action: warn}"),
            "node node: finding of node-architecture: "
            "{\"action\":\"warn\",\"rule\":\"node-architecture\"} -> "
            "{\"action\":\"deny\",\"rule\":\"node-architecture\"}");
}

TEST(CaseRunner, JudgesNodesForTheGpusOfThePod) {
  EXPECT_EQ(differences(run_first(
                "cases:\n- {name: b, node: {providerID: 'gce://x', allocatable: {nvidia.com/gpu: "
                "1}}, pod: {spec: {containers: [{name: dev, image: u, resources: {limits: "
                "{nvidia.com/gpu: '1'}}}]}}, expect: {allowed: false, nodes: {node: {canHost: "
                "false, rules: [gpu-cloud]}}}}\n")),
            "");
}

TEST(CaseRunner, HostsACvmOnANodeOfWhichNothingIsSaid) {
  for (const char* settings : {"{}", "{mode: native}"}) {
    EXPECT_EQ(differences(run_first(
                  "cases:\n- {name: b, settings: " + std::string(settings) +
                  ", node: {}, pod: {spec: {hostNetwork: false}}, expect: {allowed: true, cvm: "
                  "true, findings: [], nodes: {node: {canHost: true, findings: []}}}}\n")),
              "")
        << settings;
  }
}

TEST(CaseRunner, BindsTheAdmittedPod) {
  const std::string nodes =
      "nodes:\n"
      "- metadata: {name: good}\n"
      "  status: {nodeInfo: &good {kernelVersion: 6.8.0, osImage: Ubuntu 24.04, operatingSystem: "
      "linux}}\n"
      "- metadata: {name: s390x}\n"
      "  status: {nodeInfo: {<<: *good, architecture: s390x}}\n"
      "cases:\n- {name: b, pod: {metadata: {uid: '1'}}, bind: ";
  EXPECT_EQ(differences(run_first(nodes + "{node: good}, expect: {allowed: true, cvm: true, "
                                          "findings: []}}\n")),
            "");
  EXPECT_EQ(differences(run_first(nodes + "{node: s390x}, expect: {allowed: false, cvm: true, "
                                          "findings: [{rule: node-binding, field: target.name}, "
                                          "{rule: node-architecture}]}}\n")),
            "");
  EXPECT_EQ(differences(run_first(nodes + "{node: good, labels: {cvm-webhook.io/cvm: 'false'}}, "
                                          "expect: {allowed: true}}\n")),
            "allowed: true -> false");
}

TEST(CaseRunner, KnowsOfTheVolumesThatABindingFinds) {
  const std::string claim =
      "cases:\n- {name: b, pod: {spec: {volumes: [{name: d, persistentVolumeClaim: {claimName: "
      "d}}]}}, bind: {node: any";
  EXPECT_EQ(differences(run_first(claim + "}, expect: {allowed: true, findings: []}}\n")), "");
  EXPECT_EQ(differences(run_first(claim + ", hostVolumes: {d: /var/lib}}, expect: {allowed: "
                                          "false, findings: [{rule: host-volume}]}}\n")),
            "");
}

TEST(CaseRunner, SaysWhereInputIsUnreadable) {
  const CaseResult result = run_first(
      "cases:\n- {name: b, pod: {spec: {hostNetwork: often}}, expect: {allowed: true}}\n");
  EXPECT_EQ(result.status, CaseStatus::kUnusable);
  EXPECT_THAT(result.error, StartsWith("a.yaml:6:39: spec.hostNetwork: expected "));
  const CaseResult base = run_first(
      "cases: [{name: b, pod: {spec: {volumes: 1}}, expect: "
      "{allowed: true}}]\n");
  EXPECT_THAT(base.error, HasSubstr("a.yaml:5:41: spec.volumes: expected "));
}

TEST(CaseRunner, NeedsThePodToBeAdmittedBeforeALaterCall) {
  const CaseResult result = run_first(
      "cases:\n- {name: b, pod: {spec: {hostNetwork: true}}, change: {}, expect: {allowed: "
      "false}}\n");
  EXPECT_EQ(differences(result), "allowed when the pod is created: true -> false");
}

}  // namespace
}  // namespace cvm::webhook
