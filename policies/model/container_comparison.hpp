// Whether two views show the same container or volume, as far as it is modelled.
#pragma once

#include "policies/model/pod_view.hpp"

namespace cvm {

// Fields that are not modelled are compared by name alone: the API server lets none of them change.
bool same_container(const Container& left, const Container& right);

bool same_volume(const Volume& left, const Volume& right);

}  // namespace cvm
