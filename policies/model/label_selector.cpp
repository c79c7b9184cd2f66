#include "policies/model/label_selector.hpp"

#include <algorithm>

namespace cvm {

namespace {

bool holds(const LabelRequirement& requirement, const KeyValues& labels) {
  const auto value = labels.find(requirement.key);
  const bool listed = value && std::find(requirement.values.begin(), requirement.values.end(),
                                         *value) != requirement.values.end();
  switch (requirement.op) {
    case LabelOperator::kIn:
      return listed;
    case LabelOperator::kNotIn:
      return !listed;
    case LabelOperator::kExists:
      return value.has_value();
    case LabelOperator::kDoesNotExist:
      return !value.has_value();
  }
  return false;
}

}  // namespace

bool LabelSelector::matches(const KeyValues& labels) const {
  return std::all_of(
      requirements.begin(), requirements.end(),
      [&labels](const LabelRequirement& requirement) { return holds(requirement, labels); });
}

}  // namespace cvm
