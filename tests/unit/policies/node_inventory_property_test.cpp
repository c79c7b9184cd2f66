// NodeInventory against the naive matcher, on random nodes and pods.
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <memory_resource>
#include <random>
#include <string>
#include <vector>

#include "policies/nodes/node_inventory.hpp"
#include "tests/unit/policies/naive_candidates.hpp"

namespace cvm {

namespace {

// Random nodes and pods come from vocabularies small enough to collide

constexpr std::array kKeys = {"pool", "zone", "size", "cvm-webhook.io/cvm", "nothing-has-this"};
// Labels that are a node's own; the values of the first are the nodes' names.
constexpr std::array kOwnKeys = {"kubernetes.io/hostname", "example.com/serial"};
constexpr std::array kValues = {"a", "b", "3", "-7", "+4", "010", "12x", ""};
constexpr std::array kTaintKeys = {"team", "gpu", "node.kubernetes.io/unschedulable",
                                   "node.kubernetes.io/out-of-service"};
constexpr std::array kEffects = {"NoSchedule", "NoExecute", "PreferNoSchedule", ""};
constexpr std::array kTolerationOperators = {"", "Equal", "Exists", "Near", "Gt", "Lt"};
constexpr std::array kKernels = {"5.15.0-91-generic", "5.4.0-42-generic", "5.15.0-1051-aws",
                                 "nonsense"};
constexpr std::array kImages = {"Ubuntu 22.04.3 LTS", "Ubuntu 20.04.6 LTS", "Amazon Linux 2023",
                                "Talos (v1.7.0)", "Some Linux 1"};
constexpr std::array kProviderIds = {"", "gce://x", "vsphere://x"};
constexpr std::array kFields = {"metadata.name", "metadata.name", "metadata.uid"};

class Random {
 public:
  explicit Random(unsigned seed) : engine_(seed) {}

  std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(engine_);
  }
  bool one_in(std::size_t count) { return below(count) == 0; }
  template <typename Choices>
  auto of(const Choices& choices) {
    return choices[below(choices.size())];
  }

 private:
  std::mt19937 engine_;
};

std::vector<NodeFacts> random_nodes(Random& random, std::size_t count) {
  std::vector<NodeFacts> nodes(count);
  for (std::size_t i = 0; i < count; ++i) {
    NodeFacts& node = nodes[i];
    node.name = "n" + std::to_string(i);
    node.labels["kubernetes.io/hostname"] = node.name;
    if (!random.one_in(4)) node.labels["example.com/serial"] = "s" + std::to_string(i);
    if (random.one_in(4)) {
      node.extended_resources["example.com/fpga"] = static_cast<std::int64_t>(random.below(3));
    }
    for (std::size_t label = random.below(4); label > 0; --label) {
      node.labels[kKeys[random.below(kKeys.size() - 1)]] = random.of(kValues);
    }
    if (random.one_in(3)) {
      for (std::size_t taint = random.below(3); taint > 0; --taint) {
        node.taints.push_back({random.of(kTaintKeys), random.of(kValues), random.of(kEffects)});
      }
    }
    node.kernel_version = random.of(kKernels);
    node.os_image = random.of(kImages);
    node.provider_id = random.of(kProviderIds);
  }
  return nodes;
}

struct RandomPod {
  std::pmr::monotonic_buffer_resource arena;
  PodView view{&arena};

  RandomPod(Random& random, const std::vector<NodeFacts>& nodes) {
    if (random.one_in(6)) view.node_name = any_name(random, nodes);
    if (random.one_in(3)) {
      for (std::size_t i = random.below(3); i > 0; --i) {
        view.node_selector.push_back({random.of(kKeys), random.of(kValues)});
      }
    }
    if (random.one_in(8)) {
      view.node_selector.push_back({random.of(kOwnKeys), own_value(random, nodes)});
    }
    if (random.one_in(4)) {
      Container& container = view.containers.emplace_back(&arena);
      container.requests.push_back({"example.com/fpga", random.one_in(2) ? "1" : "2"});
    }
    if (random.one_in(2)) add_affinity(random, nodes);
    for (std::size_t i = random.below(4); i > 0; --i) {
      view.tolerations.push_back({random.one_in(3) ? "" : random.of(kTaintKeys),
                                  random.of(kTolerationOperators), random.of(kValues),
                                  random.of(kEffects)});
    }
  }

  static std::string_view any_name(Random& random, const std::vector<NodeFacts>& nodes) {
    if (nodes.empty() || random.one_in(5)) return "no-such-node";
    return nodes[random.below(nodes.size())].name;
  }

  static std::string_view own_value(Random& random, const std::vector<NodeFacts>& nodes) {
    if (nodes.empty() || random.one_in(2)) return any_name(random, nodes);
    const NodeFacts& node = nodes[random.below(nodes.size())];
    const auto serial = node.labels.find("example.com/serial");
    return serial == node.labels.end() ? "none" : std::string_view(serial->second);
  }

  void add_affinity(Random& random, const std::vector<NodeFacts>& nodes) {
    view.required_node_affinity.emplace(&arena);
    for (std::size_t terms = random.below(4); terms > 0; --terms) {
      NodeSelectorTerm& term = view.required_node_affinity->emplace_back(&arena);
      for (std::size_t i = random.below(3); i > 0; --i) {
        NodeSelectorRequirement& requirement = term.match_expressions.emplace_back(&arena);
        const bool own = random.one_in(5);
        requirement.key = own ? random.of(kOwnKeys) : random.of(kKeys);
        requirement.op = static_cast<SelectorOperator>(random.below(6));
        for (std::size_t n = random.below(3); n > 0; --n) {
          requirement.values.push_back(own ? own_value(random, nodes) : random.of(kValues));
        }
      }
      if (!random.one_in(4)) continue;
      NodeSelectorRequirement& field = term.match_fields.emplace_back(&arena);
      field.key = random.of(kFields);
      field.op = static_cast<SelectorOperator>(random.below(3));
      for (std::size_t n = random.below(3); n > 0; --n) {
        field.values.push_back(any_name(random, nodes));
      }
    }
  }
};

}  // namespace

TEST(NodeInventory, AgreesWithANaiveMatcherOnRandomPodsAndNodes) {
  Random random(20240611);
  NodeInventory::Candidates work;
  std::size_t pods_with_candidates = 0;
  for (std::size_t count : {0, 1, 3, 63, 64, 65, 128, 200, 700, 3000}) {
    Settings settings;
    settings.nodes.selinux_unknown = UnknownAction::kWarn;
    settings.nodes.shiftfs_unknown = UnknownAction::kDeny;
    if (random.one_in(2)) settings.rules["gpu-cloud"] = RuleAction::kAudit;
    const std::vector<NodeFacts> nodes = random_nodes(random, count);
    std::vector<ReasonsOfNode> reasons;
    for (const NodeFacts& node : nodes) reasons.push_back(naive_reasons(node, settings));
    const auto inventory = NodeInventory::build(nodes, settings);
    const RuntimeClassFacts runtime_class{
        .found = true,
        .handler = "runc",
        .node_selector = {{"cvm-webhook.io/cvm", "true"}, {"pool", random.of(kValues)}},
        .tolerations = {{"team", "Exists", "", ""}}};
    for (int i = 0; i < 600; ++i) {
      const RandomPod pod(random, nodes);
      const bool gpu = random.one_in(2);
      const PodNeeds needs{.gpu = gpu,
                           .runtime_class = random.one_in(4) ? &runtime_class : nullptr};
      const Found expected = naive_find(pod.view, needs, nodes, reasons);
      ASSERT_EQ(indexed_find(*inventory, pod.view, needs, work), expected)
          << count << " nodes, pod " << i << ": " << work.total << " of " << expected.total
          << " candidates, " << work.usable << " of " << expected.usable << " usable";
      if (expected.total > 0) ++pods_with_candidates;
    }
  }
  // The vocabularies must leave something to find.
  EXPECT_GT(pods_with_candidates, 1000U);
}

}  // namespace cvm
