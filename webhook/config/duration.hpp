// Durations as Kubernetes and Go write them: "5m", "90s", "1h30m".
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "policies/model/result.hpp"

namespace cvm::webhook {

// Hours, minutes and seconds, whole numbers, larger units first, each at most once.
Result<std::chrono::seconds> parse_duration(std::string_view text);

}  // namespace cvm::webhook
