#include "policies/model/quantity.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace cvm {

namespace {

struct Suffix {
  std::string_view text;
  double factor;
};

constexpr double kKibi = 1024.0;
constexpr std::array kSuffixes = {
    Suffix{"", 1},
    Suffix{"n", 1e-9},
    Suffix{"u", 1e-6},
    Suffix{"m", 1e-3},
    Suffix{"k", 1e3},
    Suffix{"M", 1e6},
    Suffix{"G", 1e9},
    Suffix{"T", 1e12},
    Suffix{"P", 1e15},
    Suffix{"E", 1e18},
    Suffix{"Ki", kKibi},
    Suffix{"Mi", kKibi* kKibi},
    Suffix{"Gi", kKibi* kKibi* kKibi},
    Suffix{"Ti", kKibi* kKibi* kKibi* kKibi},
    Suffix{"Pi", kKibi* kKibi* kKibi* kKibi* kKibi},
    Suffix{"Ei", kKibi* kKibi* kKibi* kKibi* kKibi* kKibi},
};

// Far below any difference that a quantity can express, above the rounding of two spellings.
constexpr double kTolerance = 1e-12;

}  // namespace

std::optional<double> parse_quantity(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  // from_chars would also take "inf" and "nan".
  const std::size_t first = text.starts_with('-') ? 1 : 0;
  if (text.size() <= first) return std::nullopt;
  if ((text[first] < '0' || text[first] > '9') && text[first] != '.') return std::nullopt;

  double number = 0;
  const char* begin = text.data();
  const char* end = begin + text.size();
  // The general format takes "1e3", and leaves the E of "1E" and "1Ei" as no digits follow it.
  const auto [stop, error] = std::from_chars(begin, end, number);
  if (error != std::errc{}) return std::nullopt;
  const std::string_view rest(stop, static_cast<std::size_t>(end - stop));
  for (const Suffix& suffix : kSuffixes) {
    if (rest == suffix.text) return number * suffix.factor;
  }
  return std::nullopt;
}

bool same_quantity(std::string_view left, std::string_view right) {
  if (left == right) return true;
  const auto left_value = parse_quantity(left);
  const auto right_value = parse_quantity(right);
  if (!left_value || !right_value) return false;
  return std::abs(*left_value - *right_value) <=
         kTolerance * std::max(std::abs(*left_value), std::abs(*right_value));
}

}  // namespace cvm
