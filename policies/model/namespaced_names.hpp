// NamespacedNameLess: the order of maps whose keys are a namespace and a name.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace cvm {

using NamespacedName = std::pair<std::string, std::string>;
using NamespacedNameView = std::pair<std::string_view, std::string_view>;

// Compares both as views, so that a look-up makes no strings.
struct NamespacedNameLess {
  using is_transparent = void;
  template <typename Left, typename Right>
  bool operator()(const Left& left, const Right& right) const {
    return NamespacedNameView(left.first, left.second) <
           NamespacedNameView(right.first, right.second);
  }
};

}  // namespace cvm
