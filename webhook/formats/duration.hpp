// Durations as Kubernetes and Go write them: "5m", "90s", "1h30m".
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "policies/model/result.hpp"

namespace cvm::webhook {

// What parse_duration() takes, but for zeros alone, as a regular expression of ECMA-262.
inline constexpr std::string_view kDurationPattern =
    "^(?=.*[1-9])([0-9]{1,7}h)?([0-9]{1,7}m)?([0-9]{1,7}s)?$";

// Hours, minutes and seconds, whole numbers, larger units first, each at most once.
Result<std::chrono::seconds> parse_duration(std::string_view text);

// The same, with milliseconds after them: "500ms", "1s500ms".
Result<std::chrono::milliseconds> parse_fine_duration(std::string_view text);

// The text that is read as this: "5m", "1h30m", "500ms", "0s".
std::string write_duration(std::chrono::milliseconds duration);

}  // namespace cvm::webhook
