// Whether two views show the same container or volume, as far as it is modelled.
#pragma once

#include "policies/model/pod_view.hpp"

namespace cvm {

// Fields that are not modelled are compared by name alone: the API server lets none of them change.
enum class Resources { kSame, kAny };
bool same_container(const Container& left, const Container& right,
                    Resources resources = Resources::kSame);

bool same_volume(const Volume& left, const Volume& right);

}  // namespace cvm
