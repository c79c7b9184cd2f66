// Separation: what sets the nodes that can host a pod apart from the others that it may land on,
// in terms that a node affinity has.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policies/model/selectors.hpp"

namespace cvm {

// "kubernetes.io/arch" In ["amd64"]. Views into the inventory.
struct LabelSeparation {
  std::string_view key;
  SelectorOperator op = SelectorOperator::kNotIn;  // kIn, kNotIn, kExists or kDoesNotExist
  std::vector<std::string_view> values;            // ascending
};

struct Separation {
  enum class Kind {
    kNotNeeded,   // all candidates are usable, or none
    kByLabel,     // `label` selects the usable ones alone
    kByName,      // no label does; `names` are those to keep away from, ascending
    kImpossible,  // they are too many to be named, or the pod has too many terms to add to
  };
  // An affinity with more values than this is nothing that anybody could read.
  static constexpr std::size_t kMostValues = 16;
  static constexpr std::size_t kMostNames = 64;
  static constexpr std::size_t kMostTerms = 64;  // each of the pod's own gets all of it

  Kind kind = Kind::kNotNeeded;
  LabelSeparation label;
  std::vector<std::string> names;
};

}  // namespace cvm
