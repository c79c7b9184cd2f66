// ReasonIndex: why which node classes cannot host a CVM, and how many of some nodes each reason
// holds for.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "policies/model/settings.hpp"
#include "policies/nodes/node_catalog.hpp"
#include "policies/nodes/node_inventory.hpp"
#include "policies/nodes/node_set.hpp"

namespace cvm {

class ReasonIndex {
 public:
  // Applies every node rule of the registry to every class.
  ReasonIndex(const NodeClasses& classes, const Settings& settings);

  std::span<const NodeReason> reasons() const { return reasons_; }
  std::span<const std::uint32_t> reasons_of(std::size_t node_class) const;

  // The classes with a denying reason for pods that request a GPU, or for those that do not.
  const Bitset& refused(bool requests_gpu) const { return refused_[requests_gpu ? 1 : 0]; }

  // Appends the reasons that hold for a candidate. `weights`: how many nodes a class stands for;
  // `any_usable`: whether those in `usable` weigh anything.
  void count(const Bitset& candidates, const Bitset& usable, bool any_usable,
             std::span<const std::uint32_t> weights, bool requests_gpu,
             std::vector<NodeInventory::ReasonCount>& out) const;

 private:
  std::vector<NodeReason> reasons_;
  std::vector<NodeSet> nodes_;           // beside reasons_: the classes
  std::array<Bitset, 2> refused_;        // without and with a GPU request
  std::vector<std::uint32_t> by_class_;  // positions in reasons_, class after class
  std::vector<std::size_t> begins_;  // where a class's begin in by_class_; one more than classes
};

}  // namespace cvm
