#include "webhook/formats/duration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <span>

namespace cvm::webhook {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t milliseconds;
};
constexpr Unit kUnits[] = {{"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}};
constexpr std::size_t kWholeUnits = 3;  // those of a second and more

// Long enough for anything that is meant, short enough not to overflow.
constexpr std::size_t kMostDigits = 7;

bool is_decimal_digit(char character) { return character >= '0' && character <= '9'; }

std::optional<std::chrono::milliseconds> sum(std::string_view rest, std::span<const Unit> units) {
  if (rest.empty()) return std::nullopt;
  std::int64_t total = 0;
  for (const Unit& unit : units) {
    const auto digits = static_cast<std::size_t>(
        std::find_if_not(rest.begin(), rest.end(), is_decimal_digit) - rest.begin());
    if (digits == 0 || digits > kMostDigits) break;
    const std::string_view after = rest.substr(digits);
    const auto letters = static_cast<std::size_t>(
        std::find_if(after.begin(), after.end(), is_decimal_digit) - after.begin());
    if (after.substr(0, letters) != unit.name) continue;
    std::int64_t count = 0;
    const char* const first = rest.data();
    std::from_chars(first, first + digits, count);
    total += count * unit.milliseconds;
    rest = after.substr(letters);
  }
  if (!rest.empty()) return std::nullopt;
  return std::chrono::milliseconds{total};
}

}  // namespace

Result<std::chrono::seconds> parse_duration(std::string_view text) {
  const auto given = sum(text, std::span(kUnits).first(kWholeUnits));
  if (given) return std::chrono::duration_cast<std::chrono::seconds>(*given);
  return Error{fmt::format("expected a duration such as 5m, 90s or 1h30m, found \"{}\"", text)};
}

Result<std::chrono::milliseconds> parse_fine_duration(std::string_view text) {
  if (const auto given = sum(text, kUnits)) return *given;
  return Error{fmt::format("expected a duration such as 5m, 90s or 500ms, found \"{}\"", text)};
}

std::string write_duration(std::chrono::milliseconds duration) {
  std::string text;
  std::int64_t rest = duration.count();
  for (const Unit& unit : kUnits) {
    if (const std::int64_t count = rest / unit.milliseconds; count > 0) {
      text += fmt::format("{}{}", count, unit.name);
    }
    rest %= unit.milliseconds;
  }
  return text.empty() ? "0s" : text;
}

}  // namespace cvm::webhook
