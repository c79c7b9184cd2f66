// Any selectors, affinities and tolerations against any nodes: the index finds the candidates that
// the naive matcher finds, and label selectors select what their documentation says.
#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <memory_resource>
#include <string>
#include <string_view>
#include <vector>

#include "policies/model/label_selector.hpp"
#include "policies/model/pod_view.hpp"
#include "tests/fuzz/check.hpp"
#include "tests/unit/policies/naive_candidates.hpp"

namespace cvm {
namespace {

// Words that collide often, and now and then one of the fuzzer's own.
class Words {
 public:
  explicit Words(FuzzedDataProvider& input) : input_(input) {}

  std::string any(std::initializer_list<const char*> known) {
    const auto choice = input_.ConsumeIntegralInRange<std::size_t>(0, known.size());
    if (choice < known.size()) return std::data(known)[choice];
    return input_.ConsumeRandomLengthString(24);
  }
  std::string key() {
    return any({"pool", "zone", "kubernetes.io/hostname", "cvm-webhook.io/cvm",
                "node.kubernetes.io/unschedulable", "metadata.name", ""});
  }
  std::string value() {
    return any({"a", "b", "3", "-7", "+4", "010", "9223372036854775807", "9223372036854775808",
                "n0", "n1", ""});
  }
  std::string effect() { return any({"NoSchedule", "NoExecute", "PreferNoSchedule", ""}); }

 private:
  FuzzedDataProvider& input_;
};

class Case {
 public:
  explicit Case(FuzzedDataProvider& input) : input_(input), words_(input) {
    for (std::size_t count = some(70); count > 0; --count) add_node();
    make_pod();
  }

  void check_candidates() {
    Settings settings;
    settings.nodes.selinux_unknown = static_cast<UnknownAction>(some(2));
    std::vector<ReasonsOfNode> reasons;
    for (const NodeFacts& node : nodes_) reasons.push_back(naive_reasons(node, settings));
    const auto inventory = NodeInventory::build(nodes_, settings);
    const PodNeeds needs{.gpu = input_.ConsumeBool()};
    NodeInventory::Candidates work;
    const Found expected = naive_find(pod_, needs, nodes_, reasons);
    const Found found = indexed_find(*inventory, pod_, needs, work);
    CVM_CHECK(found == expected, std::to_string(found.total) + " candidates, " +
                                     std::to_string(found.usable) + " usable; expected " +
                                     std::to_string(expected.total) + ", " +
                                     std::to_string(expected.usable));
  }

  void check_label_selector() {
    LabelSelector selector;
    bool expected = true;
    for (std::size_t count = some(3); count > 0; --count) {
      LabelRequirement requirement{words_.key(), static_cast<LabelOperator>(some(3)), {}};
      const bool lists =
          requirement.op == LabelOperator::kIn || requirement.op == LabelOperator::kNotIn;
      for (std::size_t values = lists ? 1 + some(2) : 0; values > 0; --values) {
        requirement.values.push_back(words_.value());
      }
      bool has = false;
      bool listed = false;
      for (const KeyValue& label : pod_.node_selector) {
        if (label.key != requirement.key) continue;
        has = true;
        for (const std::string& value : requirement.values) listed |= value == label.value;
      }
      switch (requirement.op) {
        case LabelOperator::kIn:
          expected = expected && listed;
          break;
        case LabelOperator::kNotIn:
          expected = expected && !listed;
          break;
        case LabelOperator::kExists:
          expected = expected && has;
          break;
        case LabelOperator::kDoesNotExist:
          expected = expected && !has;
          break;
      }
      selector.requirements.push_back(std::move(requirement));
    }
    CVM_CHECK(selector.matches(pod_.node_selector) == expected, "label selector");
  }

 private:
  std::size_t some(std::size_t most) { return input_.ConsumeIntegralInRange<std::size_t>(0, most); }

  // Text that lives as long as the pod.
  std::string_view keep(const std::string& text) {
    auto* const memory = static_cast<char*>(arena_.allocate(text.size() + 1, 1));
    return {memory, text.copy(memory, text.size())};
  }

  void add_node() {
    NodeFacts& node = nodes_.emplace_back();
    node.name = "n" + std::to_string(nodes_.size() - 1);
    for (std::size_t count = some(3); count > 0; --count)
      node.labels[words_.key()] = words_.value();
    for (std::size_t count = some(2); count > 0; --count) {
      node.taints.push_back({words_.key(), words_.value(), words_.effect()});
    }
    node.kernel_version = words_.any({"5.15.0-91-generic", "5.4.0-42-generic", "6.8.0"});
    node.os_image = words_.any({"Ubuntu 22.04.3 LTS", "Rocky Linux 9.4", "Talos (v1.7.0)"});
    node.provider_id = words_.any({"", "gce://x", "vsphere://x"});
  }

  void add_requirements(std::pmr::vector<NodeSelectorRequirement>& list) {
    for (std::size_t count = some(2); count > 0; --count) {
      NodeSelectorRequirement& requirement = list.emplace_back(&arena_);
      requirement.key = keep(words_.key());
      requirement.op = static_cast<SelectorOperator>(some(5));
      for (std::size_t values = some(2); values > 0; --values) {
        requirement.values.push_back(keep(words_.value()));
      }
    }
  }

  void make_pod() {
    if (some(5) == 0) pod_.node_name = keep(words_.value());
    for (std::size_t count = some(2); count > 0; --count) {
      const std::string_view key = keep(words_.key());
      if (!pod_.node_selector.find(key)) pod_.node_selector.push_back({key, keep(words_.value())});
    }
    for (std::size_t count = some(3); count > 0; --count) {
      pod_.tolerations.push_back({keep(words_.key()), keep(words_.any({"", "Equal", "Exists"})),
                                  keep(words_.value()), keep(words_.effect())});
    }
    if (!input_.ConsumeBool()) return;
    pod_.required_node_affinity.emplace(&arena_);
    for (std::size_t terms = some(3); terms > 0; --terms) {
      NodeSelectorTerm& term = pod_.required_node_affinity->emplace_back(&arena_);
      add_requirements(term.match_expressions);
      if (input_.ConsumeBool()) add_requirements(term.match_fields);
    }
  }

  FuzzedDataProvider& input_;
  Words words_;
  std::pmr::monotonic_buffer_resource arena_;
  std::vector<NodeFacts> nodes_;
  PodView pod_{&arena_};
};

}  // namespace
}  // namespace cvm

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider input(data, size);
  cvm::Case one(input);
  one.check_label_selector();
  one.check_candidates();
  return 0;
}
