#include <gtest/gtest.h>

#include <string>

#include "webhook/config/settings_file.hpp"

namespace cvm::webhook {
namespace {

TEST(SettingsTemplates, AreReadWithEveryKey) {
  const SettingsResult result = parse_settings_body(R"(
nodes:
  templates:
  - name: gpu-pool
    labels: {pool: gpu}
    annotations: {cvm-webhook.io/shiftfs: "true", example.com/owner: somebody}
    taints: [{key: gpu, value: "true", effect: NoSchedule}, {key: other, effect: NoExecute}]
    kernelVersion: 5.15.0-91-generic
    osImage: Ubuntu 22.04.3 LTS
    architecture: arm64
    operatingSystem: linux
    kubeletVersion: v1.30.2
    providerID: aws:///eu-west-1a/i-0abc
    allocatable: {nvidia.com/gpu: 1, example.com/slots: "3", cpu: 7500m, memory: 30Gi, pods: 110}
  - {name: plain, kernelVersion: 6.8.0}
)");
  EXPECT_EQ(result.describe("f"), "");
  ASSERT_EQ(result.settings.nodes.templates.size(), 2U);
  const NodeTemplate& pool = result.settings.nodes.templates[0];
  EXPECT_EQ(pool.name, "gpu-pool");
  NodeFacts expected;
  expected.labels = {
      {"pool", "gpu"}, {"kubernetes.io/arch", "arm64"}, {"kubernetes.io/os", "linux"}};
  expected.annotations = {{"cvm-webhook.io/shiftfs", "true"}};
  expected.taints = {{"gpu", "true", "NoSchedule"}, {"other", "", "NoExecute"}};
  expected.provider_id = "aws://";
  expected.kernel_version = "5.15.0-91-generic";
  expected.os_image = "Ubuntu 22.04.3 LTS";
  expected.operating_system = "linux";
  expected.architecture = "arm64";
  expected.kubelet_version = "v1.30.2";
  expected.extended_resources = {{"nvidia.com/gpu", 1}, {"example.com/slots", 3}};
  EXPECT_EQ(pool.facts, expected);
  const NodeFacts& plain = result.settings.nodes.templates[1].facts;
  EXPECT_EQ(plain.architecture, "amd64");
  EXPECT_EQ(plain.operating_system, "linux");
  EXPECT_EQ(plain.kubelet_version, "v1.18.0");
  EXPECT_EQ(plain.labels.at("kubernetes.io/arch"), "amd64");
}

TEST(SettingsTemplates, AreNamedByTheirMistakes) {
  const SettingsResult result = parse_settings_body(R"(nodes:
  templates:
  - {name: pool, kernelVersion: 5.15.0, allocatable: {nvidia.com/gpu: 1.5}}
  - {name: pool, kernelVersion: 5.15.0}
  - {name: big, labels: {a/b/c: x}, taints: [{key: gpu, effect: Never}, {value: x}]}
  - {kernelVersion: 5.15.0, operatingSystem: beos}
  - text
)");
  EXPECT_EQ(
      result.describe("f"),
      "f:3:71: nodes.templates[0] (pool): allocatable[nvidia.com/gpu]: expected a whole "
      "number, found the number 1.5\n"
      "f:4:5: nodes.templates[1] (pool): is given twice\n"
      "f:5:5: nodes.templates[2] (big): expected a kernelVersion, without which no node can "
      "host a CVM\n"
      "f:5:26: nodes.templates[2] (big): labels[a/b/c]: expected a label key\n"
      "f:5:65: nodes.templates[2] (big): taints[0].effect: expected NoSchedule, "
      "PreferNoSchedule or NoExecute, found \"Never\"\n"
      "f:5:73: nodes.templates[2] (big): taints[1]: expected a key, found none\n"
      "f:5:73: nodes.templates[2] (big): taints[1]: expected an effect, found none\n"
      "f:6:5: nodes.templates[3]: expected a name, found none\n"
      "f:6:46: nodes.templates[3].operatingSystem: expected linux or windows, found \"beos\"\n"
      "f:7:5: nodes.templates[4]: expected a map, found \"text\"");
}

}  // namespace
}  // namespace cvm::webhook
