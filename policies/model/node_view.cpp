#include "policies/model/node_view.hpp"

#include <algorithm>
#include <string>

namespace cvm {

namespace {

template <typename Pairs>
void sort_pairs(Pairs& pairs) {
  const auto by_key = [](const auto& one, const auto& other) { return one.first < other.first; };
  // The API server writes maps in order.
  if (!std::is_sorted(pairs.begin(), pairs.end(), by_key)) std::sort(pairs.begin(), pairs.end());
  const auto same_key = [](const auto& one, const auto& other) { return one.first == other.first; };
  pairs.erase(std::unique(pairs.begin(), pairs.end(), same_key), pairs.end());
}

template <typename Map, typename Pairs>
void fill(Map& map, const Pairs& pairs) {
  for (const auto& [key, value] : pairs) map.emplace_hint(map.end(), key, value);
}

template <typename Map, typename Pairs>
bool is_same(const Map& map, const Pairs& pairs) {
  return std::equal(map.begin(), map.end(), pairs.begin(), pairs.end(),
                    [](const auto& entry, const auto& pair) {
                      return entry.first == pair.first && entry.second == pair.second;
                    });
}

}  // namespace

NodeView::NodeView(const NodeFacts& facts)
    : name(facts.name),
      labels(facts.labels.begin(), facts.labels.end()),
      annotations(facts.annotations.begin(), facts.annotations.end()),
      provider_id(facts.provider_id),
      kernel_version(facts.kernel_version),
      os_image(facts.os_image),
      operating_system(facts.operating_system),
      architecture(facts.architecture),
      container_runtime(facts.container_runtime),
      kubelet_version(facts.kubelet_version),
      extended_resources(facts.extended_resources.begin(), facts.extended_resources.end()),
      runtime_handlers(facts.runtime_handlers.begin(), facts.runtime_handlers.end()) {
  for (const auto& taint : facts.taints) taints.push_back({taint.key, taint.value, taint.effect});
}

void NodeView::clear() {
  labels.clear();
  annotations.clear();
  taints.clear();
  extended_resources.clear();
  runtime_handlers.clear();
  name = provider_id = kernel_version = os_image = operating_system = architecture =
      container_runtime = kubelet_version = {};
}

void NodeView::sort() {
  sort_pairs(labels);
  sort_pairs(annotations);
  sort_pairs(extended_resources);
  sort_pairs(runtime_handlers);
}

NodeFacts NodeView::facts() const {
  NodeFacts facts;
  facts.name = name;
  fill(facts.labels, labels);
  fill(facts.annotations, annotations);
  for (const Taint& taint : taints) {
    facts.taints.push_back(
        {std::string(taint.key), std::string(taint.value), std::string(taint.effect)});
  }
  facts.provider_id = provider_id;
  facts.kernel_version = kernel_version;
  facts.os_image = os_image;
  facts.operating_system = operating_system;
  facts.architecture = architecture;
  facts.container_runtime = container_runtime;
  facts.kubelet_version = kubelet_version;
  fill(facts.extended_resources, extended_resources);
  fill(facts.runtime_handlers, runtime_handlers);
  return facts;
}

bool is_same_node(const NodeFacts& facts, const NodeView& view) {
  const auto same_taint = [](const auto& one, const auto& other) {
    return one.key == other.key && one.value == other.value && one.effect == other.effect;
  };
  return facts.kernel_version == view.kernel_version && facts.os_image == view.os_image &&
         facts.provider_id == view.provider_id && facts.operating_system == view.operating_system &&
         facts.architecture == view.architecture &&
         facts.container_runtime == view.container_runtime &&
         facts.kubelet_version == view.kubelet_version && is_same(facts.labels, view.labels) &&
         is_same(facts.annotations, view.annotations) &&
         is_same(facts.extended_resources, view.extended_resources) &&
         is_same(facts.runtime_handlers, view.runtime_handlers) &&
         std::equal(facts.taints.begin(), facts.taints.end(), view.taints.begin(),
                    view.taints.end(), same_taint);
}

}  // namespace cvm
