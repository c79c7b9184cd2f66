// NodeCatalog: the cluster's nodes at one moment, as classes of equal nodes.
//
// Clusters have many nodes and few kinds of them. Everything that costs time or memory - facts,
// verdicts, indexes - is kept once a class; a node is its name, its class and the labels that it
// shares with no other node. Immutable; made by NodeStore; catalogs share what did not change.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "policies/model/node_facts.hpp"

namespace cvm {

// Facts of each class, without name and own labels. A position is a class.
using NodeClasses = std::vector<std::shared_ptr<const NodeFacts>>;

// A label whose values are (nearly) all different, such as kubernetes.io/hostname.
struct OwnLabel {
  std::uint32_t key = 0;  // position in NodeCatalog::own_keys
  std::string value;

  bool operator==(const OwnLabel&) const = default;
};

struct NodeEntry {
  std::uint32_t node_class = 0;
  std::vector<OwnLabel> own;  // ascending keys
};

struct NodeNameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view name) const {
    return std::hash<std::string_view>{}(name);
  }
};

using NodeShard = std::unordered_map<std::string, NodeEntry, NodeNameHash, std::equal_to<>>;

struct NodeCatalog {
  static constexpr std::size_t kShards = 256;
  static std::size_t shard_of(std::string_view name) { return NodeNameHash{}(name) % kShards; }

  std::shared_ptr<const NodeClasses> classes;
  std::vector<std::uint32_t> counts;  // beside *classes: how many nodes; may be zero
  std::array<std::shared_ptr<const NodeShard>, kShards> shards;
  std::vector<std::string> own_keys;
  // Beside own_keys: how many nodes' values are not the node's name. Zero: a value names its node.
  std::vector<std::uint32_t> unlike_names;
  std::size_t size = 0;  // nodes

  const NodeEntry* find(std::string_view name) const {
    const NodeShard& shard = *shards[shard_of(name)];
    const auto found = shard.find(name);
    return found == shard.end() ? nullptr : &found->second;
  }

  // visit(const std::string& name, const NodeEntry&), in no order.
  template <typename Visit>
  void for_each_node(Visit&& visit) const {
    for (const auto& shard : shards) {
      for (const auto& [name, entry] : *shard) visit(name, entry);
    }
  }
};

}  // namespace cvm
