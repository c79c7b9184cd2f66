// NodeInventory against the naive matcher, on nodes and pods of every shape.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory_resource>
#include <string>
#include <vector>

#include "policies/model/pod_view.hpp"
#include "policies/nodes/node_inventory.hpp"
#include "tests/property/property.hpp"
#include "tests/unit/policies/naive_candidates.hpp"

namespace cvm {

namespace {

// Nodes and pods come from vocabularies small enough to collide.

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

using testing::Choices;

bool one_in(Choices& choices, std::size_t count) {
  return choices.chance(1.0 / static_cast<double>(count));
}

std::vector<NodeFacts> any_nodes(Choices& choices, std::size_t count) {
  std::vector<NodeFacts> nodes(count);
  for (std::size_t i = 0; i < count; ++i) {
    NodeFacts& node = nodes[i];
    node.name = "n" + std::to_string(i);
    node.labels["kubernetes.io/hostname"] = node.name;
    if (!one_in(choices, 4)) node.labels["example.com/serial"] = "s" + std::to_string(i);
    if (one_in(choices, 4)) {
      node.extended_resources["example.com/fpga"] = static_cast<std::int64_t>(choices.below(3));
    }
    for (std::size_t label = choices.below(4); label > 0; --label) {
      node.labels[kKeys[choices.below(kKeys.size() - 1)]] = choices.of(kValues);
    }
    if (one_in(choices, 3)) {
      for (std::size_t taint = choices.below(3); taint > 0; --taint) {
        node.taints.push_back({choices.of(kTaintKeys), choices.of(kValues), choices.of(kEffects)});
      }
    }
    node.kernel_version = choices.of(kKernels);
    node.os_image = choices.of(kImages);
    node.provider_id = choices.of(kProviderIds);
  }
  return nodes;
}

struct AnyPod {
  std::pmr::monotonic_buffer_resource arena;
  PodView view{&arena};

  AnyPod(Choices& choices, const std::vector<NodeFacts>& nodes) {
    if (one_in(choices, 6)) view.node_name = any_name(choices, nodes);
    if (one_in(choices, 3)) {
      for (std::size_t i = choices.below(3); i > 0; --i) {
        view.node_selector.push_back({choices.of(kKeys), choices.of(kValues)});
      }
    }
    if (one_in(choices, 8)) {
      view.node_selector.push_back({choices.of(kOwnKeys), own_value(choices, nodes)});
    }
    if (one_in(choices, 4)) {
      Container& container = view.containers.emplace_back(&arena);
      container.requests.push_back({"example.com/fpga", one_in(choices, 2) ? "1" : "2"});
    }
    if (one_in(choices, 2)) add_affinity(choices, nodes);
    for (std::size_t i = choices.below(4); i > 0; --i) {
      view.tolerations.push_back({one_in(choices, 3) ? "" : choices.of(kTaintKeys),
                                  choices.of(kTolerationOperators), choices.of(kValues),
                                  choices.of(kEffects)});
    }
  }

  std::string describe() const {
    std::string text = "pod of node \"" + std::string(view.node_name) + "\"";
    for (const auto& [key, value] : view.node_selector) {
      text.append(", selects ").append(key).append("=").append(value);
    }
    for (const Toleration& each : view.tolerations) {
      text.append(", tolerates ").append(each.key).append(" ").append(each.op).append(" ");
      text.append(each.value).append(":").append(each.effect);
    }
    if (!view.containers.empty()) text += ", asks for example.com/fpga";
    if (!view.required_node_affinity) return text;
    for (const NodeSelectorTerm& term : *view.required_node_affinity) {
      text += ", or a node with";
      for (const auto* requirements : {&term.match_expressions, &term.match_fields}) {
        for (const NodeSelectorRequirement& each : *requirements) {
          text.append(" ").append(each.key).append(" ");
          text += std::to_string(static_cast<int>(each.op));
          for (const std::string_view value : each.values) text.append(" ").append(value);
          text += ";";
        }
      }
    }
    return text;
  }

  static std::string_view any_name(Choices& choices, const std::vector<NodeFacts>& nodes) {
    if (nodes.empty() || one_in(choices, 5)) return "no-such-node";
    return nodes[choices.below(nodes.size())].name;
  }

  static std::string_view own_value(Choices& choices, const std::vector<NodeFacts>& nodes) {
    if (nodes.empty() || one_in(choices, 2)) return any_name(choices, nodes);
    const NodeFacts& node = nodes[choices.below(nodes.size())];
    const auto serial = node.labels.find("example.com/serial");
    return serial == node.labels.end() ? "none" : std::string_view(serial->second);
  }

  void add_affinity(Choices& choices, const std::vector<NodeFacts>& nodes) {
    view.required_node_affinity.emplace(&arena);
    for (std::size_t terms = choices.below(4); terms > 0; --terms) {
      NodeSelectorTerm& term = view.required_node_affinity->emplace_back(&arena);
      for (std::size_t i = choices.below(3); i > 0; --i) {
        NodeSelectorRequirement& requirement = term.match_expressions.emplace_back(&arena);
        const bool own = one_in(choices, 5);
        requirement.key = own ? choices.of(kOwnKeys) : choices.of(kKeys);
        requirement.op = static_cast<SelectorOperator>(choices.below(6));
        for (std::size_t n = choices.below(3); n > 0; --n) {
          requirement.values.push_back(own ? own_value(choices, nodes) : choices.of(kValues));
        }
      }
      if (!one_in(choices, 4)) continue;
      NodeSelectorRequirement& field = term.match_fields.emplace_back(&arena);
      field.key = choices.of(kFields);
      field.op = static_cast<SelectorOperator>(choices.below(3));
      for (std::size_t n = choices.below(3); n > 0; --n) {
        field.values.push_back(any_name(choices, nodes));
      }
    }
  }
};

// `count` in nine of ten cases; fewer in one that shrinks.
std::size_t at_most(Choices& choices, std::size_t count) {
  return std::min(count, choices.below(10 * count + 1));
}

std::string describe_node(const NodeFacts& node) {
  std::string text =
      node.name + " (" + node.os_image + ", " + node.kernel_version + ", " + node.provider_id + ")";
  for (const auto& [key, value] : node.labels) text += " " + key + "=" + value;
  for (const Taint& taint : node.taints) {
    text += " " + taint.key + "=" + taint.value + ":" + taint.effect;
  }
  for (const auto& [key, amount] : node.extended_resources) {
    text += " " + key + ":" + std::to_string(amount);
  }
  return text + "\n";
}

}  // namespace

TEST(NodeInventoryProperty, AgreesWithANaiveMatcher) {
  NodeInventory::Candidates work;
  std::size_t all = 0, with_candidates = 0;
  for (const std::size_t size : {0, 1, 3, 63, 64, 65, 128, 200, 700, 3000}) {
    const std::size_t most_pods = size > 500 ? 100 : 350;  // the naive matcher is slow
    const testing::PropertyScale scale{.cases = 2, .choices = 20 * size + 60 * most_pods};
    testing::check_property(scale, [&](Choices& choices) {
      Settings settings;
      settings.nodes.selinux_unknown = UnknownAction::kWarn;
      settings.nodes.shiftfs_unknown = UnknownAction::kDeny;
      if (one_in(choices, 2)) settings.rules["gpu-cloud"] = RuleAction::kAudit;
      const RuntimeClassFacts runtime_class{
          .found = true,
          .handler = "runc",
          .node_selector = {{"cvm-webhook.io/cvm", "true"}, {"pool", choices.of(kValues)}},
          .tolerations = {{"team", "Exists", "", ""}}};
      const std::size_t pods = at_most(choices, most_pods);
      const std::vector<NodeFacts> nodes = any_nodes(choices, at_most(choices, size));
      choices.explain([&] {
        std::string text;
        for (const NodeFacts& node : nodes) text += describe_node(node);
        return text;
      });
      std::vector<ReasonsOfNode> reasons;
      for (const NodeFacts& node : nodes) reasons.push_back(naive_reasons(node, settings));
      const auto inventory = NodeInventory::build(nodes, settings);
      for (std::size_t i = 0; i < pods; ++i) {
        const AnyPod pod(choices, nodes);
        const PodNeeds needs{.gpu = one_in(choices, 2),
                             .runtime_class = one_in(choices, 4) ? &runtime_class : nullptr};
        const Found expected = naive_find(pod.view, needs, nodes, reasons);
        ASSERT_EQ(indexed_find(*inventory, pod.view, needs, work), expected)
            << pod.describe() << (needs.gpu ? ", with a GPU" : "")
            << (needs.runtime_class != nullptr ? ", with the RuntimeClass" : "") << ": "
            << work.total << " of " << expected.total << " candidates, " << work.usable << " of "
            << expected.usable << " usable";
        ++all;
        with_candidates += expected.total > 0 ? 1 : 0;
      }
    });
    if (HasFailure()) return;
  }
  // The vocabularies must leave something to find.
  EXPECT_GT(all, 4000U);
  EXPECT_GT(with_candidates, all / 6);
}

}  // namespace cvm
