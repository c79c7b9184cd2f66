// CandidateSearch: which nodes one pod may land on.
//
// Most pods say nothing of single nodes and are answered by class. Those that do (nodeName,
// matchFields, labels that are a node's own) are held against nodes: the ones that they name, or
// all of them.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "policies/nodes/class_index.hpp"

namespace cvm {

class CandidateSearch {
 public:
  using Candidates = NodeInventory::Candidates;
  using Visit = std::function<void(const std::string& name, const NodeEntry& entry)>;

  CandidateSearch(const NodeInventory& nodes, const PodView& pod, const PodNeeds& needs,
                  Candidates& scratch);

  // Sets scratch.classes to the classes that have candidates (and to the templates among them).
  // Returns how many candidates each of these has; counts of others mean nothing.
  std::span<const std::uint32_t> find();

  bool is_about_nodes() const { return said_of_nodes_ > 0; }

  // Each candidate that is a node. After find() where nothing is said of single nodes, before it
  // else.
  void for_each_node(const Visit& visit) const;

 private:
  void rule_out_classes(const PodNeeds& needs);
  void keep_selected(std::string_view key, std::string_view value);
  void keep_terms();
  void keep_any_term();
  void find_names();
  bool add_names(const NodeSelectorTerm& term);

  bool is_own(std::string_view key) const { return own_key(key) < catalog_.own_keys.size(); }
  std::size_t own_key(std::string_view key) const;
  bool names_nodes(std::string_view key) const;
  bool names_nodes(const NodeSelectorRequirement& requirement) const;

  void find_templates(Bitset& out) const;
  bool matches(const std::string& name, const NodeEntry& entry) const;
  bool matches_own(const NodeSelectorTerm& term, const std::string& name,
                   const NodeEntry& entry) const;

  const NodeCatalog& catalog_;
  const NodeInventory::Index& index_;
  const PodView& pod_;
  const RuntimeClassFacts* runtime_class_;
  Candidates& scratch_;
  std::size_t said_of_nodes_ = 0;  // values that are compared with each node
  bool by_name_ = false;           // scratch.names are the only nodes that come into question
};

}  // namespace cvm
