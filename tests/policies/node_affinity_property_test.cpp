// Without marks on the nodes, the affinity of the plan leaves a pod exactly those of its candidates
// that can host it: held against the answers for each node alone.
#include <gtest/gtest.h>

#include "policies/nodes/node_inventory.hpp"
#include "policies/profiles/profiles.hpp"
#include "tests/policies/admission_client.hpp"
#include "tests/property/property.hpp"

namespace cvm::testing {
namespace {

using nlohmann::json;

class AffinityCase {
 public:
  explicit AffinityCase(Choices& choices) : choices_(choices) {}

  std::vector<NodeFacts> nodes() {
    std::vector<NodeFacts> nodes;
    for (std::size_t count = 2 + choices_.below(8); count > 0; --count) {
      nodes.push_back(node(nodes.size()));
    }
    return nodes;
  }

  json pod() {
    json pod = json::parse(
        R"({"metadata":{"name":"dev"},"spec":{"containers":[{"name":"dev","image":"ubuntu"}]}})");
    if (chance(0.3)) pod["spec"]["nodeSelector"] = {{"pool", one_of({"a", "b"})}};
    if (!chance(0.8)) return pod;
    json& affinity = pod["spec"]["affinity"] = json::object();
    if (chance(0.3)) affinity["podAffinity"] = json::object();
    if (!chance(0.8)) return pod;
    json& of_nodes = affinity["nodeAffinity"] = json::object();
    if (!chance(0.8)) return pod;
    json& terms =
        of_nodes["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"] = {term()};
    while (chance(0.4)) terms.push_back(term());
    return pod;
  }

 private:
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

  bool chance(double probability) { return choices_.chance(probability); }
  std::string one_of(const std::vector<std::string>& texts) { return choices_.of(texts); }

  Choices& choices_;
};

class AffinityClients {
 public:
  AffinityClients() {
    settings_.nodes.mark = false;
    without_nodes_ = make_snapshot(settings_);
  }

  AdmissionClient client_of(const std::vector<NodeFacts>& nodes) const {
    Snapshot snapshot = without_nodes_;
    snapshot.nodes = NodeInventory::build(nodes, settings_);
    return AdmissionClient(std::move(snapshot), webhook::Caller(), handler_);
  }

 private:
  Settings settings_;
  Snapshot without_nodes_;
  std::shared_ptr<webhook::AdmissionHandler> handler_ =
      std::make_shared<webhook::AdmissionHandler>();
};

enum class Fate { kNoCandidate, kRefused, kHosted };

Fate fate_of(const json& pod, AdmissionClient& on_node) {
  const AdmissionAnswer answer = on_node.mutate(pod);
  if (!answer.allowed) return Fate::kRefused;
  return answer.findings.empty() ? Fate::kHosted : Fate::kNoCandidate;
}

std::string describe_nodes(const std::vector<NodeFacts>& nodes) {
  std::string text;
  for (const NodeFacts& node : nodes) {
    text += node.name + " (" + node.os_image + "): " + json(node.labels).dump() + "\n";
  }
  return text;
}

struct AffinityCounts {
  std::size_t all = 0, confined = 0, by_name = 0;
};

void check_affinity(const std::vector<NodeFacts>& nodes, const json& pod,
                    const AffinityClients& clients, AffinityCounts& counts) {
  AdmissionClient client = clients.client_of(nodes);
  const AdmissionAnswer answer = client.mutate(pod);
  if (!answer.allowed) return;
  const json patched = pod.patch(answer.patch);
  bool is_mixed = false;
  for (const NodeFacts& node : nodes) {
    AdmissionClient on_node = clients.client_of({node});
    const Fate before = fate_of(pod, on_node);
    const Fate expected = before == Fate::kHosted ? Fate::kHosted : Fate::kNoCandidate;
    EXPECT_EQ(fate_of(patched, on_node), expected) << node.name << " " << patched;
    is_mixed = is_mixed || before == Fate::kRefused;
  }
  const json spec = patched["spec"];
  EXPECT_EQ(is_mixed, spec.value("affinity", json()) != pod["spec"].value("affinity", json()));
  counts.confined += is_mixed ? 1 : 0;
  counts.by_name +=
      is_mixed && answer.patch.dump().find("metadata.name") != std::string::npos ? 1 : 0;
  const AdmissionAnswer again = client.mutate(patched);
  EXPECT_TRUE(again.allowed && again.patch.is_null()) << again.patch;
  EXPECT_TRUE(client.validate(patched).allowed);
}

TEST(NodeAffinityProperty, LeavesTheUsableCandidates) {
  const AffinityClients clients;
  AffinityCounts counts;
  check_property({.cases = 300, .choices = 300}, [&](Choices& choices) {
    AffinityCase generator(choices);
    const std::vector<NodeFacts> nodes = generator.nodes();
    const json pod = generator.pod();
    choices.explain([&] { return describe_nodes(nodes) + "pod " + pod.dump(2); });
    ++counts.all;
    check_affinity(nodes, pod, clients, counts);
  });
  if (HasFailure()) return;
  // The generator still makes both kinds.
  EXPECT_GT(counts.confined, counts.all / 4);
  EXPECT_GT(counts.by_name, counts.all / 20);
  EXPECT_GT(counts.confined, counts.by_name + counts.all / 20);
}

}  // namespace
}  // namespace cvm::testing
