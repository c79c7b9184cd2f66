// LabelSelector: metav1.LabelSelector over a pod's labels.
#pragma once

#include <string>
#include <vector>

#include "policies/model/selectors.hpp"

namespace cvm {

enum class LabelOperator { kIn, kNotIn, kExists, kDoesNotExist };

struct LabelRequirement {
  std::string key;
  LabelOperator op = LabelOperator::kIn;
  std::vector<std::string> values;  // kIn and kNotIn only, never empty there
};

// matchLabels entries are kept as kIn requirements with one value. All requirements are ANDed;
// none at all selects every pod. NotIn selects a pod that lacks the key, as the API server does.
struct LabelSelector {
  std::vector<LabelRequirement> requirements;

  bool matches(const KeyValues& labels) const;
};

}  // namespace cvm
