#include "policies/nodes/node_inventory.hpp"

#include <gtest/gtest.h>

#include <memory_resource>
#include <string>
#include <vector>

#include "policies/model/pod_view.hpp"
#include "tests/unit/policies/allocation_count.hpp"

namespace cvm {

namespace {

using Candidates = NodeInventory::Candidates;

NodeFacts node(std::string name) {
  NodeFacts facts;
  facts.name = std::move(name);
  facts.labels["kubernetes.io/hostname"] = facts.name;
  facts.os_image = "Ubuntu 22.04.3 LTS";
  facts.kernel_version = "5.15.0-91-generic";
  facts.operating_system = "linux";
  facts.architecture = "amd64";
  return facts;
}

NodeFacts node(std::string name, std::string key, std::string value) {
  NodeFacts facts = node(std::move(name));
  facts.labels[std::move(key)] = std::move(value);
  return facts;
}

NodeFacts tainted(std::string name, Taint taint) {
  NodeFacts facts = node(std::move(name));
  facts.taints.push_back(std::move(taint));
  return facts;
}

struct TestPod {
  std::pmr::monotonic_buffer_resource arena;
  PodView view{&arena};

  NodeSelectorTerm& term() {
    if (!view.required_node_affinity) view.required_node_affinity.emplace(&arena);
    return view.required_node_affinity->emplace_back(&arena);
  }

  void require(std::pmr::vector<NodeSelectorRequirement>& list, std::string_view key,
               SelectorOperator op, std::initializer_list<std::string_view> values) {
    NodeSelectorRequirement& requirement = list.emplace_back(&arena);
    requirement.key = key;
    requirement.op = op;
    requirement.values.assign(values.begin(), values.end());
  }
};

Candidates find(const std::vector<NodeFacts>& nodes, const TestPod& pod, bool requests_gpu = false,
                const Settings& settings = {}) {
  Candidates out;
  NodeInventory::build(nodes, settings)->find_candidates(pod.view, {.gpu = requests_gpu}, out);
  return out;
}

std::uint32_t matching(const std::vector<NodeFacts>& nodes, SelectorOperator op,
                       std::initializer_list<std::string_view> values) {
  TestPod pod;
  pod.require(pod.term().match_expressions, "pool", op, values);
  return find(nodes, pod).total;
}

}  // namespace

TEST(NodeInventory, FindsNothingAmongNoNodes) {
  const Candidates found = find({}, TestPod{});
  EXPECT_EQ(found.total, 0U);
  EXPECT_EQ(found.usable, 0U);
  EXPECT_TRUE(found.reasons.empty());
}

TEST(NodeInventory, TakesEveryNodeForAPodThatDoesNotChoose) {
  std::vector<NodeFacts> nodes;
  for (int i = 0; i < 130; ++i) nodes.push_back(node("n" + std::to_string(i)));
  const Candidates found = find(nodes, TestPod{});
  EXPECT_EQ(found.total, 130U);
  EXPECT_EQ(found.usable, 130U);
}

TEST(NodeInventory, AppliesTheNodeSelectorAsAWhole) {
  NodeFacts both = node("c", "pool", "dev");
  both.labels["disk"] = "ssd";
  const std::vector<NodeFacts> nodes = {node("a"), node("b", "pool", "dev"), both};
  TestPod pod;
  pod.view.node_selector.push_back({"pool", "dev"});
  EXPECT_EQ(find(nodes, pod).total, 2U);
  pod.view.node_selector.push_back({"disk", "ssd"});
  EXPECT_EQ(find(nodes, pod).total, 1U);
  pod.view.node_selector.push_back({"disk", "hdd"});
  EXPECT_EQ(find(nodes, pod).total, 0U);
}

TEST(NodeInventory, PassesOverTheMarkOfCvmNodesInSelectorsAndAffinity) {
  const std::vector<NodeFacts> nodes = {node("a"), node("b", "pool", "dev")};
  TestPod pod;
  pod.view.node_selector.push_back({kCvmNodeLabel, "true"});
  EXPECT_EQ(find(nodes, pod).total, 2U);
  NodeSelectorTerm& term = pod.term();
  pod.require(term.match_expressions, kCvmNodeLabel, SelectorOperator::kExists, {});
  EXPECT_EQ(find(nodes, pod).total, 2U);
  pod.require(term.match_expressions, "pool", SelectorOperator::kExists, {});
  EXPECT_EQ(find(nodes, pod).total, 1U);
}

TEST(NodeInventory, KnowsAllSixOperators) {
  const std::vector<NodeFacts> nodes = {node("a"), node("b", "pool", "5"), node("c", "pool", "dev"),
                                        node("d", "pool", "7")};
  EXPECT_EQ(matching(nodes, SelectorOperator::kIn, {"5", "dev", "none"}), 2U);
  EXPECT_EQ(matching(nodes, SelectorOperator::kNotIn, {"5", "dev"}), 2U);
  EXPECT_EQ(matching(nodes, SelectorOperator::kExists, {}), 3U);
  EXPECT_EQ(matching(nodes, SelectorOperator::kDoesNotExist, {}), 1U);
  EXPECT_EQ(matching(nodes, SelectorOperator::kGt, {"5"}), 1U);
  EXPECT_EQ(matching(nodes, SelectorOperator::kLt, {"7"}), 1U);
}

TEST(NodeInventory, ComparesOnlyIntegers) {
  const std::vector<NodeFacts> nodes = {node("a", "pool", "9223372036854775808"),
                                        node("b", "pool", "0007"), node("c", "pool", "6.5"),
                                        node("d", "pool", ""), node("e", "pool", "-3")};
  EXPECT_EQ(matching(nodes, SelectorOperator::kGt, {"6"}), 1U);
  EXPECT_EQ(matching(nodes, SelectorOperator::kGt, {"+6"}), 1U);
  EXPECT_EQ(matching(nodes, SelectorOperator::kLt, {"6"}), 1U);
  EXPECT_EQ(matching(nodes, SelectorOperator::kGt, {"+-9"}), 0U);
  EXPECT_EQ(matching(nodes, SelectorOperator::kGt, {"six"}), 0U);
  EXPECT_EQ(matching(nodes, SelectorOperator::kGt, {}), 0U);
  EXPECT_EQ(matching(nodes, SelectorOperator::kGt, {"1", "2"}), 0U);
}

TEST(NodeInventory, MatchesFieldsByNodeName) {
  const std::vector<NodeFacts> nodes = {node("a"), node("b"), node("c")};
  TestPod in, not_in, other;
  in.require(in.term().match_fields, "metadata.name", SelectorOperator::kIn, {"b", "z"});
  EXPECT_EQ(find(nodes, in).total, 1U);
  not_in.require(not_in.term().match_fields, "metadata.name", SelectorOperator::kNotIn, {"b"});
  EXPECT_EQ(find(nodes, not_in).total, 2U);
  other.require(other.term().match_fields, "metadata.uid", SelectorOperator::kIn, {"b"});
  EXPECT_EQ(find(nodes, other).total, 0U);
}

TEST(NodeInventory, AlternatesBetweenTermsAndNeverMatchesAnEmptyOne) {
  const std::vector<NodeFacts> nodes = {node("a", "pool", "x"), node("b", "pool", "y"), node("c")};
  TestPod pod;
  pod.term();
  EXPECT_EQ(find(nodes, pod).total, 0U);
  pod.require(pod.term().match_expressions, "pool", SelectorOperator::kIn, {"x"});
  EXPECT_EQ(find(nodes, pod).total, 1U);
  pod.require(pod.term().match_expressions, "pool", SelectorOperator::kDoesNotExist, {});
  EXPECT_EQ(find(nodes, pod).total, 2U);
  TestPod no_terms;
  no_terms.view.required_node_affinity.emplace(&no_terms.arena);
  EXPECT_EQ(find(nodes, no_terms).total, 0U);
}

TEST(NodeInventory, KeepsPodsOffTaintsThatTheyDoNotTolerate) {
  const std::vector<NodeFacts> nodes = {node("a"), tainted("b", {"team", "x", "NoSchedule"}),
                                        tainted("c", {"team", "x", "NoExecute"}),
                                        tainted("d", {"team", "y", "PreferNoSchedule"})};
  const auto total_with = [&nodes](Toleration toleration) {
    TestPod pod;
    pod.view.tolerations.push_back(toleration);
    return find(nodes, pod).total;
  };
  EXPECT_EQ(find(nodes, TestPod{}).total, 2U);
  EXPECT_EQ(total_with({"team", "Equal", "x", "NoSchedule"}), 3U);
  EXPECT_EQ(total_with({"team", "", "x", ""}), 4U);
  EXPECT_EQ(total_with({"team", "Equal", "y", ""}), 2U);
  EXPECT_EQ(total_with({"team", "Exists", "", "NoExecute"}), 3U);
  EXPECT_EQ(total_with({"", "Exists", "", ""}), 4U);
  EXPECT_EQ(total_with({"team", "Near", "x", ""}), 2U);
}

TEST(NodeInventory, CountsNodesInAPassingConditionAsCandidates) {
  for (const char* key :
       {"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable",
        "node.kubernetes.io/memory-pressure", "node.kubernetes.io/disk-pressure",
        "node.kubernetes.io/pid-pressure", "node.kubernetes.io/network-unavailable",
        "node.kubernetes.io/unschedulable", "node.cloudprovider.kubernetes.io/uninitialized"}) {
    EXPECT_EQ(find({tainted("a", {key, "", "NoSchedule"})}, TestPod{}).total, 1U) << key;
  }
  EXPECT_EQ(
      find({tainted("a", {"node.kubernetes.io/out-of-service", "", "NoExecute"})}, TestPod{}).total,
      0U);
}

TEST(NodeInventory, TakesANamedNodeAloneAndOnlyItsNoExecuteTaints) {
  const std::vector<NodeFacts> nodes = {node("a"), tainted("b", {"team", "x", "NoSchedule"}),
                                        tainted("c", {"team", "x", "NoExecute"})};
  const auto total_on = [&nodes](std::string_view name) {
    TestPod pod;
    pod.view.node_name = name;
    return find(nodes, pod).total;
  };
  EXPECT_EQ(total_on("a"), 1U);
  EXPECT_EQ(total_on("b"), 1U);
  EXPECT_EQ(total_on("c"), 0U);
  EXPECT_EQ(total_on("z"), 0U);
}

TEST(NodeInventory, CountsEqualReasonsOnce) {
  NodeFacts old_kernel = node("old");
  old_kernel.kernel_version = "5.4.0-42-generic";
  NodeFacts other_old = old_kernel;
  other_old.name = "other";
  NodeFacts arm = node("arm");
  arm.architecture = "riscv64";
  const auto inventory = NodeInventory::build({old_kernel, node("good"), other_old, arm}, {});
  ASSERT_EQ(inventory->reasons().size(), 2U);
  EXPECT_EQ(inventory->reasons()[0].rule->id, "node-architecture");
  EXPECT_EQ(inventory->reasons()[1].rule->id, "node-kernel");
  const auto reasons_of = [&](std::string_view name) {
    const auto reasons = inventory->reasons_of(inventory->catalog().find(name)->node_class);
    return std::vector<std::uint32_t>(reasons.begin(), reasons.end());
  };
  EXPECT_EQ(reasons_of("old"), std::vector<std::uint32_t>{1});
  EXPECT_TRUE(reasons_of("good").empty());
  EXPECT_EQ(reasons_of("other"), std::vector<std::uint32_t>{1});
  EXPECT_EQ(reasons_of("arm"), std::vector<std::uint32_t>{0});

  const Candidates with_good = find({old_kernel, node("good"), other_old, arm}, TestPod{});
  EXPECT_EQ(with_good.total, 4U);
  EXPECT_EQ(with_good.usable, 1U);
  EXPECT_TRUE(with_good.reasons.empty()) << "of no interest where a node is usable";

  const Candidates found = find({old_kernel, other_old, arm}, TestPod{});
  EXPECT_EQ(found.total, 3U);
  EXPECT_EQ(found.usable, 0U);
  ASSERT_EQ(found.reasons.size(), 2U);
  EXPECT_EQ(found.reasons[0].nodes, 1U);
  EXPECT_EQ(found.reasons[1].nodes, 2U);
  EXPECT_EQ(found.reasons[1].usable, 0U);
}

TEST(NodeInventory, LeavesReasonsOfCandidatesOnly) {
  NodeFacts old_kernel = node("old", "pool", "old");
  old_kernel.kernel_version = "5.4.0-42-generic";
  TestPod pod;
  pod.view.node_selector.push_back({"pool", "new"});
  const Candidates found = find({old_kernel, node("new", "pool", "new")}, pod);
  EXPECT_EQ(found.total, 1U);
  EXPECT_EQ(found.usable, 1U);
  EXPECT_TRUE(found.reasons.empty());
}

TEST(NodeInventory, HoldsGpuReasonsAgainstGpuPodsOnly) {
  NodeFacts cloud = node("cloud");
  cloud.provider_id = "gce://project/zone/cloud";
  const Candidates plain = find({cloud, node("metal")}, TestPod{}, false);
  EXPECT_EQ(plain.usable, 2U);
  EXPECT_TRUE(plain.reasons.empty());
  EXPECT_EQ(find({cloud, node("metal")}, TestPod{}, true).usable, 1U);
  const Candidates gpu = find({cloud}, TestPod{}, true);
  EXPECT_EQ(gpu.usable, 0U);
  ASSERT_EQ(gpu.reasons.size(), 1U);
  EXPECT_EQ(gpu.reasons[0].nodes, 1U);
}

TEST(NodeInventory, GivesRulesTheActionOfTheSettings) {
  NodeFacts old_kernel = node("old");
  old_kernel.kernel_version = "5.4.0-42-generic";
  Settings settings;
  settings.rules["node-kernel"] = RuleAction::kWarn;
  const Candidates warned = find({old_kernel}, TestPod{}, false, settings);
  EXPECT_EQ(warned.usable, 1U);
  ASSERT_EQ(warned.reasons.size(), 1U);
  EXPECT_EQ(warned.reasons[0].usable, 1U);
  settings.rules["node-kernel"] = RuleAction::kOff;
  EXPECT_TRUE(find({old_kernel}, TestPod{}, false, settings).reasons.empty());
}

TEST(NodeInventory, LetsWhatIsNotKnownOnlyWeakenARule) {
  NodeFacts unknown = node("unknown");
  unknown.os_image = "Some Linux 1";
  Settings settings;
  settings.nodes.selinux_unknown = UnknownAction::kWarn;
  EXPECT_EQ(NodeInventory::build({unknown}, settings)->reasons()[0].action, RuleAction::kWarn);
  settings.nodes.selinux_unknown = UnknownAction::kDeny;
  EXPECT_EQ(NodeInventory::build({unknown}, settings)->reasons()[0].action, RuleAction::kDeny);
  settings.rules["node-selinux"] = RuleAction::kAudit;
  EXPECT_EQ(NodeInventory::build({unknown}, settings)->reasons()[0].action, RuleAction::kAudit);
}

TEST(NodeInventory, AllocatesNothingOnceWarm) {
  std::vector<NodeFacts> nodes;
  for (int i = 0; i < 200; ++i) {
    NodeFacts facts = node("n" + std::to_string(i), "pool", std::to_string(i % 7));
    facts.kernel_version = "5.4.0-" + std::to_string(i % 5) + "-generic";
    if (i % 5 == 0) facts.taints.push_back({"team", "x", "NoSchedule"});
    nodes.push_back(std::move(facts));
  }
  const auto inventory = NodeInventory::build(nodes, {});
  TestPod pod;
  pod.view.tolerations.push_back({"team", "Exists", "", ""});
  pod.require(pod.term().match_expressions, "pool", SelectorOperator::kIn, {"1", "2"});
  pod.require(pod.term().match_expressions, "pool", SelectorOperator::kGt, {"3"});
  pod.require(pod.term().match_fields, "metadata.name", SelectorOperator::kNotIn, {"n5"});
  Candidates out;
  inventory->find_candidates(pod.view, {.gpu = true}, out);
  const std::size_t before = cvm::testing::allocation_count();
  inventory->find_candidates(pod.view, {.gpu = true}, out);
  inventory->find_candidates(pod.view, {.gpu = false}, out);
  EXPECT_EQ(cvm::testing::allocation_count(), before);
  EXPECT_GT(out.reasons.size(), 1U);
}

}  // namespace cvm
