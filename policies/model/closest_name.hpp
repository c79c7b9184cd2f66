// "did you mean": the known name that is nearest to one that is not known.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace cvm {

// The name within a few typing mistakes of `found`, letter case aside; empty when none is near.
std::string_view closest_name(std::string_view found, std::span<const std::string_view> names);

// "; did you mean <name>?" or nothing.
std::string did_you_mean(std::string_view found, std::span<const std::string_view> names);

}  // namespace cvm
