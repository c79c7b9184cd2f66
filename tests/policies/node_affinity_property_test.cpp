// Without marks on the nodes, the affinity of the plan leaves a pod exactly those of its candidates
// that can host it: held against the answers for each node alone.
#include <gtest/gtest.h>

#include <random>

#include "policies/nodes/node_inventory.hpp"
#include "tests/policies/admission_client.hpp"

namespace cvm::testing {
namespace {

using nlohmann::json;

constexpr std::uint32_t kNodeAffinitySeeds = 300;

class Generator {
 public:
  explicit Generator(std::uint32_t seed) : random_(seed) {}

  bool chance(double probability) { return std::bernoulli_distribution(probability)(random_); }
  std::size_t below(std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
  }
  std::string one_of(const std::vector<std::string>& texts) { return texts[below(texts.size())]; }

  NodeFacts node(std::size_t number) {
    NodeFacts facts;
    facts.name = "node-" + std::to_string(number);
    facts.kernel_version = "6.8.0-40-generic";
    facts.os_image = chance(0.4) ? "Rocky Linux 9.4" : "Ubuntu 24.04 LTS";
    facts.operating_system = "linux";
    facts.architecture = "amd64";
    // Some labels go with the verdict, some with nothing.
    if (chance(0.9)) facts.labels["os"] = chance(0.8) ? facts.os_image.substr(0, 5) : "Linux";
    if (chance(0.7)) facts.labels["pool"] = one_of({"a", "b", "c"});
    if (chance(0.5)) facts.labels["zone"] = one_of({"z1", "z2"});
    return facts;
  }

  json term() {
    static const std::vector<std::string> kNames = {"node-0", "node-1", "node-2"};
    json term = json::object();
    if (chance(0.7)) {
      term["matchExpressions"] = {{{"key", one_of({"pool", "zone", "os"})},
                                   {"operator", one_of({"In", "NotIn"})},
                                   {"values", {one_of({"a", "b", "z1"})}}}};
    }
    if (chance(0.2)) {
      term["matchFields"] = {
          {{"key", "metadata.name"}, {"operator", "NotIn"}, {"values", {one_of(kNames)}}}};
    }
    return term;
  }

  json pod() {
    json pod = json::parse(
        R"({"metadata":{"name":"dev"},"spec":{"containers":[{"name":"dev","image":"ubuntu"}]}})");
    if (chance(0.3)) pod["spec"]["nodeSelector"] = {{"pool", one_of({"a", "b"})}};
    if (chance(0.2)) return pod;
    json& affinity = pod["spec"]["affinity"] = json::object();
    if (chance(0.3)) affinity["podAffinity"] = json::object();
    if (chance(0.2)) return pod;
    json& of_nodes = affinity["nodeAffinity"] = json::object();
    if (chance(0.2)) return pod;
    json& terms =
        of_nodes["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"] = {term()};
    while (chance(0.4)) terms.push_back(term());
    return pod;
  }

 private:
  std::mt19937 random_;
};

Snapshot snapshot_of(std::vector<NodeFacts> nodes) {
  Settings settings;
  settings.nodes.mark = false;
  Snapshot snapshot = make_snapshot(settings);
  snapshot.nodes = NodeInventory::build(nodes, *snapshot.settings);
  return snapshot;
}

enum class Fate { kNoCandidate, kRefused, kHosted };

Fate fate_on(const NodeFacts& node, const json& pod) {
  const AdmissionAnswer answer = AdmissionClient(snapshot_of({node})).mutate(pod);
  if (!answer.allowed) return Fate::kRefused;
  return answer.findings.empty() ? Fate::kHosted : Fate::kNoCandidate;
}

TEST(NodeAffinityProperty, LeavesTheUsableCandidates) {
  std::size_t confined = 0, by_name = 0;
  for (std::uint32_t seed = 0; seed < kNodeAffinitySeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Generator generator(seed);
    std::vector<NodeFacts> nodes;
    for (std::size_t count = 2 + generator.below(8); count > 0; --count) {
      nodes.push_back(generator.node(nodes.size()));
    }
    const json pod = generator.pod();
    AdmissionClient client(snapshot_of(nodes));
    const AdmissionAnswer answer = client.mutate(pod);
    if (!answer.allowed) continue;
    const json patched = pod.patch(answer.patch);
    bool is_mixed = false;
    for (const NodeFacts& node : nodes) {
      const Fate before = fate_on(node, pod);
      const Fate expected = before == Fate::kHosted ? Fate::kHosted : Fate::kNoCandidate;
      EXPECT_EQ(fate_on(node, patched), expected) << node.name << " " << patched;
      is_mixed = is_mixed || before == Fate::kRefused;
    }
    const json spec = patched["spec"];
    EXPECT_EQ(is_mixed, spec.value("affinity", json()) != pod["spec"].value("affinity", json()));
    confined += is_mixed ? 1 : 0;
    by_name += is_mixed && answer.patch.dump().find("metadata.name") != std::string::npos ? 1 : 0;
    const AdmissionAnswer again = client.mutate(patched);
    EXPECT_TRUE(again.allowed && again.patch.is_null()) << again.patch;
    EXPECT_TRUE(client.validate(patched).allowed);
  }
  // The generator still makes both kinds.
  EXPECT_GT(confined, kNodeAffinitySeeds / 4);
  EXPECT_GT(by_name, kNodeAffinitySeeds / 20);
  EXPECT_GT(confined, by_name + kNodeAffinitySeeds / 20);
}

}  // namespace
}  // namespace cvm::testing
