// NodeStore: the nodes as a list and a watch tell of them, kept as classes of equal nodes.
//
// A change of one node costs one shard's copy at most, whatever the number of nodes. Not safe for
// several threads; the catalogs that it hands out are.
#pragma once

#include <array>
#include <bitset>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "policies/model/node_view.hpp"
#include "policies/nodes/node_catalog.hpp"

namespace cvm {

class NodeStore {
 public:
  NodeStore();

  // Returns whether a fact changed. Takes out of the view what makes no other class of it.
  bool put(NodeView& node);
  bool put(const NodeFacts& node);
  bool erase(std::string_view name);

  // Between the two, put() also notes what is there; end_list() erases all else and returns whether
  // there was any. A list that is begun again forgets what was noted.
  void begin_list();
  bool end_list();

  std::size_t size() const { return size_; }

  // Shares everything that did not change since the last one.
  std::shared_ptr<const NodeCatalog> catalog();

 private:
  NodeShard& writable_shard(std::string_view name);
  using OwnLabelView = std::pair<std::uint32_t, std::string_view>;  // as OwnLabel

  void take_own_labels(NodeView& node);
  bool is_known_as(const NodeEntry& entry, std::uint32_t node_class) const;
  std::uint32_t class_of(const NodeView& node);
  std::uint32_t add_class(const NodeView& node, std::size_t hash);
  void count_own(std::string_view name, const std::vector<OwnLabel>& own, bool adds);
  void forget(std::string_view name, const NodeEntry& entry);
  bool find_own_key();
  void rebuild();

  std::vector<std::string> own_keys_;
  std::vector<std::uint32_t> unlike_names_;
  std::array<std::shared_ptr<NodeShard>, NodeCatalog::kShards> shards_;
  std::bitset<NodeCatalog::kShards> shards_shared_;  // with a catalog: copied before a change
  std::shared_ptr<NodeClasses> classes_;
  bool classes_shared_ = false;
  std::vector<std::uint32_t> counts_;
  std::unordered_multimap<std::size_t, std::uint32_t> by_hash_;  // of the facts -> class
  std::vector<std::uint32_t> empty_;                             // classes without nodes, some
  std::size_t size_ = 0;
  std::size_t class_limit_;  // from which on an own key is looked for
  bool listing_ = false;
  std::vector<std::size_t> listed_;  // hashes of names
  std::vector<OwnLabelView> own_;    // of the node at hand
};

std::shared_ptr<const NodeCatalog> make_catalog(const std::vector<NodeFacts>& nodes);

}  // namespace cvm
