#include "policies/model/node_view.hpp"

#include <gtest/gtest.h>

#include "policies/nodes/node_store.hpp"

namespace cvm {
namespace {

NodeFacts full_node() {
  NodeFacts node;
  node.name = "node-1";
  node.labels = {{"a", "1"}, {"b", "2"}};
  node.annotations = {{"cvm-webhook.io/shiftfs", "true"}};
  node.taints = {{"dedicated", "workspaces", "NoSchedule"}, {"gpu", "", "NoExecute"}};
  node.provider_id = "aws://";
  node.kernel_version = "6.8.0-1021-aws";
  node.os_image = "Ubuntu 24.04.1 LTS";
  node.operating_system = "linux";
  node.architecture = "amd64";
  node.container_runtime = "containerd://1.7.23";
  node.kubelet_version = "v1.34.2";
  node.extended_resources = {{"nvidia.com/gpu", 4}};
  return node;
}

TEST(NodeView, IsACopyOfTheFacts) {
  const NodeFacts node = full_node();
  EXPECT_EQ(NodeView(node).facts(), node);
}

TEST(NodeView, TellsEveryFactApartButForTheName) {
  const NodeFacts node = full_node();
  const auto same_after = [&](auto change) {
    NodeFacts other = full_node();
    change(other);
    return is_same_node(node, NodeView(other));
  };
  EXPECT_TRUE(same_after([](NodeFacts& other) { other.name = "node-2"; }));
  EXPECT_FALSE(same_after([](NodeFacts& other) { other.labels["b"] = "3"; }));
  EXPECT_FALSE(same_after([](NodeFacts& other) { other.labels["c"] = ""; }));
  EXPECT_FALSE(same_after([](NodeFacts& other) { other.labels.erase("a"); }));
  EXPECT_FALSE(same_after([](NodeFacts& other) { other.annotations.clear(); }));
  EXPECT_FALSE(same_after([](NodeFacts& other) { other.taints.pop_back(); }));
  EXPECT_FALSE(same_after([](NodeFacts& other) { other.taints[0].effect = "NoExecute"; }));
  EXPECT_FALSE(same_after([](NodeFacts& other) { other.provider_id = "gce://"; }));
  EXPECT_FALSE(same_after([](NodeFacts& other) { other.kernel_version += "x"; }));
  EXPECT_FALSE(same_after([](NodeFacts& other) { other.os_image = "Debian"; }));
  EXPECT_FALSE(same_after([](NodeFacts& other) { other.operating_system = "windows"; }));
  EXPECT_FALSE(same_after([](NodeFacts& other) { other.architecture = "arm64"; }));
  EXPECT_FALSE(same_after([](NodeFacts& other) { other.container_runtime.clear(); }));
  EXPECT_FALSE(same_after([](NodeFacts& other) { other.kubelet_version.clear(); }));
  EXPECT_FALSE(same_after([](NodeFacts& other) { other.extended_resources.begin()->second = 5; }));
}

TEST(NodeView, BringsKeysIntoOrderAndKeepsOneOfEqualOnes) {
  NodeView view;
  view.labels = {{"b", "3"}, {"a", "1"}, {"b", "2"}};
  view.extended_resources = {{"x.io/b", 1}, {"x.io/a", 2}};
  view.sort();
  const NodeFacts facts = view.facts();
  EXPECT_EQ(facts.labels, (decltype(facts.labels){{"a", "1"}, {"b", "2"}}));
  EXPECT_EQ(facts.extended_resources,
            (decltype(facts.extended_resources){{"x.io/a", 2}, {"x.io/b", 1}}));
}

TEST(NodeView, OfAKnownNodeMakesNoNewClass) {
  NodeStore store;
  EXPECT_TRUE(store.put(full_node()));
  NodeFacts twin = full_node();
  twin.name = "node-2";
  NodeView view(twin);
  EXPECT_TRUE(store.put(view));
  EXPECT_FALSE(store.put(full_node()));
  EXPECT_EQ(store.catalog()->classes->size(), 1U);
  EXPECT_EQ(store.catalog()->size, 2U);
}

}  // namespace
}  // namespace cvm
