#include "policies/mutations/inner_limits.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "policies/model/quantity.hpp"

namespace cvm {

namespace {

constexpr double kMost = 1e15;  // more than there is of anything

std::optional<double> limit_of(const Container& container, std::string_view resource) {
  const auto limit = container.limits.find(resource);
  const auto amount = limit ? parse_quantity(*limit) : std::nullopt;
  return amount && *amount > 0 && *amount < kMost ? amount : std::nullopt;
}

}  // namespace

std::optional<std::uint64_t> whole_cpus(const Container& container) {
  const auto limit = limit_of(container, "cpu");
  if (!limit || *limit < 1 || std::floor(*limit) != *limit) return std::nullopt;
  return static_cast<std::uint64_t>(*limit);
}

std::optional<std::uint64_t> inner_memory(const Container& container, double reserve) {
  const auto limit = limit_of(container, "memory");
  if (!limit) return std::nullopt;
  return static_cast<std::uint64_t>(std::max(*limit - reserve, *limit / 2));
}

}  // namespace cvm
