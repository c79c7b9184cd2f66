// The candidates of a pod, found by a matcher that goes through the nodes one by one and does what
// the Kubernetes documentation says: what NodeInventory is held against.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "policies/nodes/node_inventory.hpp"
#include "policies/rules/registry.hpp"

namespace cvm {

using Reason = std::tuple<std::string_view, std::string, RuleAction, bool>;
using ReasonsOfNode = std::set<Reason>;

ReasonsOfNode naive_reasons(const NodeFacts& node, const Settings& settings);

struct Found {
  std::uint32_t total = 0, usable = 0;
  // Nodes, usable; denying ones only when nothing is usable.
  std::map<Reason, std::pair<std::uint32_t, std::uint32_t>> reasons;

  bool operator==(const Found&) const = default;
};

// `reasons` belong to `nodes`, one set for each.
Found naive_find(const PodView& pod, const PodNeeds& needs, const std::vector<NodeFacts>& nodes,
                 const std::vector<ReasonsOfNode>& reasons);

// The inventory's own answer in the same form.
Found indexed_find(const NodeInventory& inventory, const PodView& pod, const PodNeeds& needs,
                   NodeInventory::Candidates& work);

}  // namespace cvm
