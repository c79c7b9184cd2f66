// NodeInventory against a matcher that goes through the nodes one by one and does what the
// Kubernetes documentation says, on random nodes and pods.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <memory_resource>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "policies/nodes/node_inventory.hpp"
#include "policies/registry.hpp"

namespace cvm {

namespace {

// ---- random nodes and pods, from vocabularies small enough to collide

constexpr std::array kKeys = {"pool", "zone", "size", "cvm-webhook.io/cvm", "nothing-has-this"};
constexpr std::array kValues = {"a", "b", "3", "-7", "+4", "010", "12x", ""};
constexpr std::array kTaintKeys = {"team", "gpu", "node.kubernetes.io/unschedulable",
                                   "node.kubernetes.io/out-of-service"};
constexpr std::array kEffects = {"NoSchedule", "NoExecute", "PreferNoSchedule", ""};
constexpr std::array kTolerationOperators = {"", "Equal", "Exists", "Near"};
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
    if (random.one_in(2)) add_affinity(random, nodes);
    for (std::size_t i = random.below(4); i > 0; --i) {
      view.tolerations.push_back({random.one_in(3) ? "" : random.of(kTaintKeys),
                                  random.of(kTolerationOperators), random.of(kValues),
                                  random.of(kEffects)});
    }
  }

  static std::string_view any_name(Random& random, const std::vector<NodeFacts>& nodes) {
    return nodes.empty() || random.one_in(5) ? "no-such-node"
                                             : nodes[random.below(nodes.size())].name;
  }

  void add_affinity(Random& random, const std::vector<NodeFacts>& nodes) {
    view.required_node_affinity.emplace(&arena);
    for (std::size_t terms = random.below(4); terms > 0; --terms) {
      NodeSelectorTerm& term = view.required_node_affinity->emplace_back(&arena);
      for (std::size_t i = random.below(3); i > 0; --i) {
        NodeSelectorRequirement& requirement = term.match_expressions.emplace_back(&arena);
        requirement.key = random.of(kKeys);
        requirement.op = static_cast<SelectorOperator>(random.below(6));
        for (std::size_t n = random.below(3); n > 0; --n) {
          requirement.values.push_back(random.of(kValues));
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

// ---- the naive matcher

bool is_one_of(std::string_view text, const std::pmr::vector<std::string_view>& values) {
  return std::find(values.begin(), values.end(), text) != values.end();
}

std::optional<long long> naive_integer(std::string_view text) {
  const std::string copy(text);
  std::size_t digits = copy.find_first_not_of("+-");
  if (copy.empty() || digits == std::string::npos || digits > 1) return std::nullopt;
  if (copy.find_first_not_of("0123456789", digits) != std::string::npos) return std::nullopt;
  return std::stoll(copy);
}

bool naive_expression(const NodeSelectorRequirement& requirement, const NodeFacts& node) {
  if (requirement.key == kCvmNodeLabel) return true;
  const auto label = node.labels.find(requirement.key);
  const bool has = label != node.labels.end();
  switch (requirement.op) {
    case SelectorOperator::kIn:
      return has && is_one_of(label->second, requirement.values);
    case SelectorOperator::kNotIn:
      return !has || !is_one_of(label->second, requirement.values);
    case SelectorOperator::kExists:
      return has;
    case SelectorOperator::kDoesNotExist:
      return !has;
    case SelectorOperator::kGt:
    case SelectorOperator::kLt:
      break;
  }
  if (!has || requirement.values.size() != 1) return false;
  const auto value = naive_integer(label->second);
  const auto bound = naive_integer(requirement.values[0]);
  if (!value || !bound) return false;
  return requirement.op == SelectorOperator::kGt ? *value > *bound : *value < *bound;
}

bool naive_field(const NodeSelectorRequirement& field, const NodeFacts& node) {
  if (field.key != "metadata.name") return false;
  if (field.op == SelectorOperator::kIn) return is_one_of(node.name, field.values);
  return field.op == SelectorOperator::kNotIn && !is_one_of(node.name, field.values);
}

bool naive_term(const NodeSelectorTerm& term, const NodeFacts& node) {
  if (term.match_expressions.empty() && term.match_fields.empty()) return false;
  return std::all_of(term.match_expressions.begin(), term.match_expressions.end(),
                     [&node](const auto& each) { return naive_expression(each, node); }) &&
         std::all_of(term.match_fields.begin(), term.match_fields.end(),
                     [&node](const auto& each) { return naive_field(each, node); });
}

bool naive_tolerated(const PodView& pod, const Taint& taint) {
  for (const Toleration& toleration : pod.tolerations) {
    const bool effect = toleration.effect.empty() || toleration.effect == taint.effect;
    const bool key = toleration.key.empty() || toleration.key == taint.key;
    const bool equal = toleration.op.empty() || toleration.op == "Equal";
    const bool value = equal ? toleration.value == taint.value : toleration.op == "Exists";
    if (effect && key && value) return true;
  }
  return false;
}

bool naive_may_land(const PodView& pod, const NodeFacts& node) {
  if (!pod.node_name.empty() && pod.node_name != node.name) return false;
  for (const Taint& taint : node.taints) {
    const bool counts =
        taint.effect == "NoExecute" || (taint.effect == "NoSchedule" && pod.node_name.empty());
    if (!counts || taint.key == "node.kubernetes.io/unschedulable") continue;
    if (!naive_tolerated(pod, taint)) return false;
  }
  for (const KeyValue& wanted : pod.node_selector) {
    if (wanted.key == kCvmNodeLabel) continue;
    const auto label = node.labels.find(wanted.key);
    if (label == node.labels.end() || label->second != wanted.value) return false;
  }
  if (!pod.required_node_affinity) return true;
  return std::any_of(pod.required_node_affinity->begin(), pod.required_node_affinity->end(),
                     [&node](const auto& term) { return naive_term(term, node); });
}

using Reason = std::tuple<std::string_view, std::string, RuleAction, bool>;
using ReasonsOfNode = std::set<Reason>;

ReasonsOfNode naive_reasons(const NodeFacts& node, const Settings& settings) {
  ReasonsOfNode reasons;
  for (const NodeRule& rule : node_rules()) {
    const auto problem = rule.check(node, settings);
    if (!problem) continue;
    const RuleAction chosen = action_of(rule.descriptor, settings);
    const RuleAction action = std::max(chosen, problem->action.value_or(chosen));
    if (action == RuleAction::kOff) continue;
    reasons.insert({rule.descriptor.id, problem->message, action, rule.gpu_pods_only});
  }
  return reasons;
}

struct Found {
  std::uint32_t total = 0, usable = 0;
  std::map<Reason, std::pair<std::uint32_t, std::uint32_t>> reasons;  // nodes, usable

  bool operator==(const Found&) const = default;
};

Found naive_find(const PodView& pod, bool gpu, const std::vector<NodeFacts>& nodes,
                 const std::vector<ReasonsOfNode>& reasons) {
  Found found;
  for (std::size_t node = 0; node < nodes.size(); ++node) {
    if (!naive_may_land(pod, nodes[node])) continue;
    ++found.total;
    ReasonsOfNode held;
    for (const Reason& reason : reasons[node]) {
      if (gpu || !std::get<bool>(reason)) held.insert(reason);
    }
    const bool usable = std::none_of(held.begin(), held.end(), [](const Reason& reason) {
      return std::get<RuleAction>(reason) == RuleAction::kDeny;
    });
    if (usable) ++found.usable;
    for (const Reason& reason : held) {
      ++found.reasons[reason].first;
      if (usable) ++found.reasons[reason].second;
    }
  }
  return found;
}

Found indexed_find(const NodeInventory& inventory, const PodView& pod, bool gpu,
                   NodeInventory::Candidates& work) {
  inventory.find_candidates(pod, gpu, work);
  Found found{work.total, work.usable, {}};
  for (const NodeInventory::ReasonCount& count : work.reasons) {
    const NodeReason& reason = inventory.reasons()[count.reason];
    found.reasons[{reason.rule, reason.message, reason.action, reason.gpu_pods_only}] = {
        count.nodes, count.usable};
  }
  return found;
}

}  // namespace

TEST(NodeInventory, AgreesWithANaiveMatcherOnRandomPodsAndNodes) {
  Random random(20240611);
  NodeInventory::Candidates work;
  std::size_t pods_with_candidates = 0;
  for (std::size_t count : {0, 1, 3, 63, 64, 65, 128, 200, 700}) {
    Settings settings;
    settings.nodes.selinux_unknown = UnknownAction::kWarn;
    settings.nodes.shiftfs_unknown = UnknownAction::kDeny;
    if (random.one_in(2)) settings.rules["gpu-cloud"] = RuleAction::kAudit;
    const std::vector<NodeFacts> nodes = random_nodes(random, count);
    std::vector<ReasonsOfNode> reasons;
    for (const NodeFacts& node : nodes) reasons.push_back(naive_reasons(node, settings));
    const auto inventory = NodeInventory::build(nodes, settings);
    for (int i = 0; i < 600; ++i) {
      const RandomPod pod(random, nodes);
      const bool gpu = random.one_in(2);
      const Found expected = naive_find(pod.view, gpu, nodes, reasons);
      ASSERT_EQ(indexed_find(*inventory, pod.view, gpu, work), expected)
          << count << " nodes, pod " << i << ": " << work.total << " of " << expected.total
          << " candidates, " << work.usable << " of " << expected.usable << " usable";
      if (expected.total > 0) ++pods_with_candidates;
    }
  }
  // The vocabularies must leave something to find.
  EXPECT_GT(pods_with_candidates, 1000U);
}

}  // namespace cvm
