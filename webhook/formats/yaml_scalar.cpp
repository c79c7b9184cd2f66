#include "webhook/formats/yaml_scalar.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>

namespace cvm::webhook {
namespace {

constexpr std::string_view kTagPrefix = "tag:yaml.org,2002:";

constexpr std::array<std::string_view, 4> kNulls = {"", "~", "null", "Null"};
constexpr std::array<std::string_view, 11> kTrues = {"y",    "Y",    "yes", "Yes", "YES", "true",
                                                     "True", "TRUE", "on",  "On",  "ON"};
constexpr std::array<std::string_view, 11> kFalses = {"n",     "N",     "no",  "No",  "NO", "false",
                                                      "False", "FALSE", "off", "Off", "OFF"};
constexpr std::array<std::string_view, 12> kNotFinite = {".inf",  ".Inf",  ".INF",  "+.inf",
                                                         "+.Inf", "+.INF", "-.inf", "-.Inf",
                                                         "-.INF", ".nan",  ".NaN",  ".NAN"};

template <std::size_t n>
bool is_one_of(std::string_view text, const std::array<std::string_view, n>& words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

bool is_null(std::string_view text) { return is_one_of(text, kNulls) || text == "NULL"; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

std::optional<std::uint64_t> parse_digits(std::string_view digits, int base) {
  std::uint64_t value = 0;
  const char* start = digits.data();
  const char* end = start + digits.size();
  const auto [stop, fault] = std::from_chars(start, end, value, base);
  if (fault != std::errc{} || stop != end || digits.empty()) return std::nullopt;
  return value;
}

// 0x1F, 0b11, 0o17 and the older octal form 017. `text` has no sign.
std::optional<std::uint64_t> parse_prefixed_integer(std::string_view text) {
  if (text.size() < 2 || text[0] != '0') return std::nullopt;
  switch (text[1]) {
    case 'x':
    case 'X':
      return parse_digits(text.substr(2), 16);
    case 'b':
    case 'B':
      return parse_digits(text.substr(2), 2);
    case 'o':
    case 'O':
      return parse_digits(text.substr(2), 8);
    default:
      return parse_digits(text.substr(1), 8);
  }
}

// [0-9]* [ . [0-9]* ] [ (e|E) [+-] [0-9]+ ] with a digit before the exponent.
bool looks_like_float(std::string_view text) {
  std::size_t at = 0;
  std::size_t digits = 0;
  const auto skip_digits = [&] {
    const std::size_t from = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at - from;
  };
  digits += skip_digits();
  if (at < text.size() && text[at] == '.') {
    ++at;
    digits += skip_digits();
  }
  if (digits == 0) return false;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (skip_digits() == 0) return false;
  }
  return at == text.size();
}

std::optional<std::string> parse_float(std::string_view unsigned_text, bool negative) {
  if (!looks_like_float(unsigned_text)) return std::nullopt;
  double value = 0;
  const char* start = unsigned_text.data();
  const std::errc fault = std::from_chars(start, start + unsigned_text.size(), value).ec;
  // What no double can hold stays the string that it was.
  if (fault != std::errc{}) return std::nullopt;
  return format_json_number(negative ? -value : value);
}

// A number as JSON text, or nothing.
std::optional<std::string> parse_number(std::string_view text) {
  if (text.empty() || (!is_digit(text[0]) && text[0] != '+' && text[0] != '-' && text[0] != '.')) {
    return std::nullopt;
  }
  std::string plain(text);
  std::erase(plain, '_');
  const bool negative = plain[0] == '-';
  std::string_view digits = plain;
  if (negative || plain[0] == '+') digits.remove_prefix(1);
  if (digits.empty()) return std::nullopt;

  if (all_digits(digits) && (digits[0] != '0' || digits.size() == 1)) {
    if (digits == "0") return "0";
    return (negative ? "-" : "") + std::string(digits);
  }
  if (const auto value = parse_prefixed_integer(digits)) {
    return (negative && *value != 0 ? "-" : "") + std::to_string(*value);
  }
  return parse_float(digits, negative);
}

Error mismatch(std::string_view tag, std::string_view text) {
  return Error{fmt::format("expected a value of the tag !!{}, found \"{}\"", tag, text)};
}

YamlScalar string_scalar(std::string_view text) {
  return {YamlScalar::Kind::kString, std::string(text)};
}

}  // namespace

std::string format_json_number(double value) {
  if (value == 0) return "0";
  const double size = std::fabs(value);
  const auto format =
      size < 1e-6 || size >= 1e21 ? std::chars_format::scientific : std::chars_format::fixed;
  std::array<char, 64> buffer;
  const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format);
  return std::string(buffer.data(), written.ptr);
}

Result<YamlScalar> resolve_plain_scalar(std::string_view text) {
  using Kind = YamlScalar::Kind;
  if (is_null(text)) return YamlScalar{Kind::kNull, "null"};
  if (is_one_of(text, kTrues)) return YamlScalar{Kind::kBool, "true"};
  if (is_one_of(text, kFalses)) return YamlScalar{Kind::kBool, "false"};
  if (is_one_of(text, kNotFinite)) {
    return Error{fmt::format(
        "expected a finite number, found {}; quote it if it is meant as a string", text)};
  }
  if (auto number = parse_number(text)) return YamlScalar{Kind::kNumber, std::move(*number)};
  return string_scalar(text);
}

Result<YamlScalar> resolve_scalar(std::string_view tag, std::string_view text) {
  using Kind = YamlScalar::Kind;
  if (tag == "?" || tag.empty()) return resolve_plain_scalar(text);
  if (tag == "!") return string_scalar(text);
  if (!tag.starts_with(kTagPrefix)) {
    return Error{fmt::format("the tag {} is not supported", tag)};
  }
  tag.remove_prefix(kTagPrefix.size());
  if (tag == "str" || tag == "timestamp") return string_scalar(text);

  Result<YamlScalar> plain = resolve_plain_scalar(text);
  if (!plain) return plain;
  const bool is_number = plain->kind == Kind::kNumber;
  if (tag == "null") return plain->kind == Kind::kNull ? plain : mismatch(tag, text);
  if (tag == "bool") return plain->kind == Kind::kBool ? plain : mismatch(tag, text);
  if (tag == "float") return is_number ? plain : mismatch(tag, text);
  if (tag == "int") {
    const bool is_whole = is_number && plain->text.find_first_of(".e") == std::string::npos;
    return is_whole ? plain : mismatch(tag, text);
  }
  return Error{fmt::format("the tag !!{} is not supported", tag)};
}

}  // namespace cvm::webhook
