// ResourceIndex: which node classes have how much of an extended resource.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "policies/model/extended_requests.hpp"
#include "policies/nodes/node_catalog.hpp"
#include "policies/nodes/node_set.hpp"

namespace cvm {

class ResourceIndex {
 public:
  // Keeps views into `classes`, which must outlive it.
  explicit ResourceIndex(const NodeClasses& classes);

  // Removes from `bits` the classes whose nodes have less than is requested, be all of it free.
  // `work` is working memory.
  void keep_enough(std::span<const ExtendedRequest> requests, Bitset& bits, Bitset& work) const;

 private:
  using Amounts = std::vector<std::pair<std::uint32_t, std::int64_t>>;  // class, pieces

  std::unordered_map<std::string_view, Amounts> resources_;
};

}  // namespace cvm
