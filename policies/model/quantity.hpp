// Quantity: the numbers of resource requests and limits, as Kubernetes writes them ("100m", "1Gi").
#pragma once

#include <optional>
#include <string_view>

namespace cvm {

// The value in the resource's base unit (cores, bytes, pieces); nullopt when `text` is no quantity.
std::optional<double> parse_quantity(std::string_view text);

// Whether both say the same amount: the API server rewrites "0.1" to "100m" and "1024Mi" to "1Gi".
bool same_quantity(std::string_view left, std::string_view right);

}  // namespace cvm
