#include "webhook/kubernetes/watchers/node_decoder.hpp"

#include <gtest/gtest.h>

#include <string>

namespace cvm::webhook {
namespace {

std::string fault_of(std::string_view json) {
  const auto nodes = decode_nodes(json);
  return nodes ? "read " + std::to_string(nodes->size()) + " nodes" : nodes.error().message;
}

TEST(NodeDecoder, ReadsEveryFactOfANode) {
  const auto nodes = decode_nodes(R"({"apiVersion": "v1", "kind": "Node",
    "metadata": {"name": "worker-1", "labels": {"zone": "a", "empty": ""}, "uid": "x",
      "annotations": {"cvm-webhook.io/shiftfs": "true", "cvm-webhook.io/cvm-reasons": "ours",
                      "another.example.com/key": "theirs"}},
    "spec": {"providerID": "aws:///eu-west-1a/i-1", "podCIDR": "10.0.0.0/24",
      "taints": [{"key": "gpu", "value": "yes", "effect": "NoSchedule"},
                 {"key": "spot", "effect": "NoExecute", "timeAdded": null}]},
    "status": {"runtimeHandlers": [{"name": "sysbox-runc", "features": {"userNamespaces": true}},
      {"name": "", "features": {"userNamespaces": false}}, {"name": "runc"}, 7,
      {"name": "odd", "features": {"userNamespaces": "yes"}}, {"name": 1}],
      "allocatable": {"cpu": "8", "nvidia.com/gpu": "2", "example.com/none": "0"},
      "nodeInfo": {"kernelVersion": "5.15.0-1051-aws", "osImage": "Ubuntu 22.04.3 LTS",
      "operatingSystem": "linux", "architecture": "amd64", "kubeletVersion": "v1.32.1",
      "containerRuntimeVersion": "containerd://2.0.5", "machineID": "m"}}})");
  ASSERT_TRUE(nodes) << nodes.error().message;
  NodeFacts expected;
  expected.name = "worker-1";
  expected.labels = {{"empty", ""}, {"zone", "a"}};
  expected.taints = {{"gpu", "yes", "NoSchedule"}, {"spot", "", "NoExecute"}};
  expected.annotations = {{"cvm-webhook.io/shiftfs", "true"}};
  expected.provider_id = "aws://";
  expected.extended_resources = {{"nvidia.com/gpu", 2}};
  expected.runtime_handlers = {
      {"", false}, {"odd", std::nullopt}, {"runc", std::nullopt}, {"sysbox-runc", true}};
  expected.kernel_version = "5.15.0-1051-aws";
  expected.os_image = "Ubuntu 22.04.3 LTS";
  expected.operating_system = "linux";
  expected.architecture = "amd64";
  expected.container_runtime = "containerd://2.0.5";
  expected.kubelet_version = "v1.32.1";
  ASSERT_EQ(nodes->size(), 1u);
  EXPECT_EQ(nodes->front(), expected);
}

TEST(NodeDecoder, ReadsListsOfEitherKind) {
  // The items of an API server's NodeList carry no kind; those that kubectl prints do.
  EXPECT_EQ(fault_of(R"({"kind":"NodeList","items":[{"metadata":{"name":"a"}},
                                                    {"metadata":{"name":"b"}}]})"),
            "read 2 nodes");
  EXPECT_EQ(fault_of(R"({"kind":"List","items":[{"kind":"Node","metadata":{"name":"a"}}]})"),
            "read 1 nodes");
  EXPECT_EQ(fault_of(R"({"kind":"NodeList","items":[]})"), "read 0 nodes");
  EXPECT_EQ(fault_of(R"({"kind":"NodeList","items":null})"), "read 0 nodes");
}

TEST(NodeDecoder, TakesAbsentAndNullFieldsForEmpty) {
  const auto nodes = decode_nodes(
      R"({"kind":"Node","metadata":{"name":"a","labels":null},"spec":{"taints":null},"status":{}})");
  ASSERT_TRUE(nodes) << nodes.error().message;
  NodeFacts expected;
  expected.name = "a";
  EXPECT_EQ(nodes->front(), expected);
}

TEST(NodeDecoder, NamesThePathOfWhatIsWrong) {
  const struct {
    std::string_view json, fault;
  } cases[] = {
      {"{", "expected JSON: "},
      {"[]", "kind: expected Node, NodeList or List, found nothing"},
      {R"({"kind":"Pod"})", "kind: expected Node, NodeList or List, found Pod"},
      {R"({"kind":"NodeList","items":{}})", "items: expected a list, found an object"},
      {R"({"kind":"NodeList","items":[7]})", "items[0]: expected an object, found a number"},
      {R"({"kind":"List","items":[{"kind":"Pod","metadata":{"name":"p"}}]})",
       "items[0].kind: expected Node, found Pod"},
      {R"({"kind":"NodeList","items":[{"metadata":{"name":"a"}},{"metadata":{}}]})",
       "items[1].metadata.name: expected a name, found nothing"},
      {R"({"kind":"Node","metadata":{"name":5}})",
       "metadata.name: expected a string, found a number"},
      {R"({"kind":"Node","metadata":{"name":"a","labels":{"x":true}}})",
       "metadata.labels[x]: expected a string, found a boolean"},
      {R"({"kind":"Node","metadata":{"name":"a"},"spec":{"taints":[{"key":[]}]}})",
       "spec.taints[0].key: expected a string, found a list"},
      {R"({"kind":"Node","metadata":{"name":"a"},"status":{"nodeInfo":{"kernelVersion":5.15}}})",
       "status.nodeInfo.kernelVersion: expected a string, found a number"},
  };
  for (const auto& test : cases) {
    const std::string fault = fault_of(test.json);
    EXPECT_EQ(fault.substr(0, test.fault.size()), test.fault) << test.json;
  }
}

}  // namespace
}  // namespace cvm::webhook
