// UserNamespaceIndex: which node classes give a pod of Sysbox its user namespace how (mode native).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "policies/model/settings.hpp"
#include "policies/nodes/node_catalog.hpp"
#include "policies/nodes/node_set.hpp"

namespace cvm {

class UserNamespaceIndex {
 public:
  // In mode supervised nothing is looked at, and all classes count as not known.
  UserNamespaceIndex(const NodeClasses& classes, const Settings& settings);

  // `need`: kHostUsers or kAnnotation.
  const Bitset& classes_of(UserNamespaceNeed need) const {
    return classes_[need == UserNamespaceNeed::kHostUsers ? 0 : 1];
  }

 private:
  std::array<Bitset, 2> classes_;
};

}  // namespace cvm
