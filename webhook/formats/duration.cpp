#include "webhook/formats/duration.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>

namespace cvm::webhook {
namespace {

struct Unit {
  char name;
  std::int64_t seconds;
};
constexpr Unit kUnits[] = {{'h', 3600}, {'m', 60}, {'s', 1}};

// Long enough for anything that is meant, short enough not to overflow.
constexpr std::size_t kMostDigits = 7;

}  // namespace

Result<std::chrono::seconds> parse_duration(std::string_view text) {
  Error fault{fmt::format("expected a duration such as 5m, 90s or 1h30m, found \"{}\"", text)};
  if (text.empty()) return fault;
  std::int64_t total = 0;
  std::string_view rest = text;
  for (const Unit& unit : kUnits) {
    std::int64_t count = 0;
    const char* start = rest.data();
    const char* end = start + rest.size();
    const auto [stop, error] = std::from_chars(start, end, count);
    const auto length = static_cast<std::size_t>(stop - start);
    if (error != std::errc{} || length > kMostDigits || count < 0 || stop == end) break;
    if (*stop != unit.name) continue;
    total += count * unit.seconds;
    rest.remove_prefix(length + 1);
  }
  if (!rest.empty()) return fault;
  return std::chrono::seconds{total};
}

std::string write_duration(std::chrono::seconds duration) {
  std::string text;
  std::int64_t rest = duration.count();
  for (const Unit& unit : kUnits) {
    if (const std::int64_t count = rest / unit.seconds; count > 0) {
      text += std::to_string(count) + unit.name;
    }
    rest %= unit.seconds;
  }
  return text.empty() ? "0s" : text;
}

}  // namespace cvm::webhook
