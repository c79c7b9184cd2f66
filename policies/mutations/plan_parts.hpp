// What the plans of all modes are rendered with.
#pragma once

#include <string>
#include <string_view>

#include "policies/rule.hpp"

namespace cvm {

class PatchWriter;

// Appends the operation that adds `label: "true"` to the pod's node selector, which has no such
// key.
void append_node_selector(const PodView& pod, std::string_view label, PatchWriter& patch);

// Adds that a part of the plan is not there: `part` names it.
void add_gap(std::string part, std::string_view field, Problems& problems);

}  // namespace cvm
