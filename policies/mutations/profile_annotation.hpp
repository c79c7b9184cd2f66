// The annotation that names the profile by which a CVM was made: a part of the plan. Later calls
// are judged by the profile that it names.
#pragma once

#include <string>
#include <string_view>

#include "policies/rule.hpp"

namespace cvm {

class PatchWriter;

// Whether the annotation is as the plan of that profile has it; empty: there is none.
bool is_made_by(const PodView& pod, std::string_view profile);

// Appends the operation after which is_made_by() holds, and nothing where it does.
// metadata.annotations is there by then: the annotation that names the plan is put in first.
void append_profile_annotation(const PodView& pod, std::string_view profile, PatchWriter& patch);

// Adds what is wrong where is_made_by() does not hold.
void describe_profile_gap(const PodView& pod, std::string_view profile, Problems& problems);

}  // namespace cvm
