// NodeView: a Node's facts as views into the document that it was read from. Most nodes that arrive
// are like one that is known, and are compared without a copy.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "policies/model/node_facts.hpp"

namespace cvm {

struct NodeView {
  struct Taint {
    std::string_view key, value, effect;
  };

  // As in NodeFacts; what is a map there is here in ascending order of distinct keys.
  std::string_view name;
  std::vector<std::pair<std::string_view, std::string_view>> labels, annotations;
  std::vector<Taint> taints;
  std::string_view provider_id, kernel_version, os_image, operating_system, architecture,
      container_runtime, kubelet_version;
  std::vector<std::pair<std::string_view, std::int64_t>> extended_resources;
  std::vector<std::pair<std::string_view, std::optional<bool>>> runtime_handlers;

  NodeView() = default;
  explicit NodeView(const NodeFacts& facts);

  // Keeps the lists' memory.
  void clear();
  // Brings the lists into order; of equal keys the one with the least value stays.
  void sort();
  NodeFacts facts() const;
};

// But for the name.
bool is_same_node(const NodeFacts& facts, const NodeView& view);

}  // namespace cvm
