#include "policies/model/closest_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace cvm {
namespace {

// Names longer than this are not worth comparing: the cost grows with the product of the lengths.
constexpr std::size_t kLongestName = 64;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Insertions, deletions, replacements and swaps of neighbours.
std::size_t count_mistakes(std::string_view left, std::string_view right) {
  std::vector<std::size_t> before_last(right.size() + 1), last(right.size() + 1),
      row(right.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= left.size(); ++i) {
    row[0] = i;
    for (std::size_t k = 1; k <= right.size(); ++k) {
      const bool same = lower(left[i - 1]) == lower(right[k - 1]);
      row[k] = std::min({last[k] + 1, row[k - 1] + 1, last[k - 1] + (same ? 0 : 1)});
      if (i > 1 && k > 1 && lower(left[i - 1]) == lower(right[k - 2]) &&
          lower(left[i - 2]) == lower(right[k - 1])) {
        row[k] = std::min(row[k], before_last[k - 2] + 1);
      }
    }
    before_last.swap(last);
    last.swap(row);
  }
  return last[right.size()];
}

}  // namespace

std::string_view closest_name(std::string_view found, std::span<const std::string_view> names) {
  std::string_view closest;
  if (found.empty() || found.size() > kLongestName) return closest;
  std::size_t fewest = std::max<std::size_t>(2, found.size() / 3) + 1;
  for (const std::string_view name : names) {
    const std::size_t mistakes = count_mistakes(found, name);
    if (mistakes < fewest && mistakes < name.size()) {
      fewest = mistakes;
      closest = name;
    }
  }
  return closest;
}

std::string did_you_mean(std::string_view found, std::span<const std::string_view> names) {
  const std::string_view name = closest_name(found, names);
  return name.empty() ? "" : fmt::format("; did you mean {}?", name);
}

}  // namespace cvm
