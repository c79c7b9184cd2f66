#include "policies/nodes/resource_index.hpp"

namespace cvm {

ResourceIndex::ResourceIndex(const NodeClasses& classes) {
  for (std::uint32_t position = 0; position < classes.size(); ++position) {
    for (const auto& [resource, amount] : classes[position]->extended_resources) {
      resources_[resource].emplace_back(position, amount);
    }
  }
}

void ResourceIndex::keep_enough(std::span<const ExtendedRequest> requests, Bitset& bits,
                                Bitset& work) const {
  for (const ExtendedRequest& request : requests) {
    work.assign(bits.size(), 0);
    if (const auto found = resources_.find(request.resource); found != resources_.end()) {
      for (const auto& [node_class, amount] : found->second) {
        if (amount >= request.largest) work[node_class / 64] |= std::uint64_t{1} << node_class % 64;
      }
    }
    keep(bits, work);
  }
}

}  // namespace cvm
