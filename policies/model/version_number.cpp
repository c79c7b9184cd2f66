#include "policies/model/version_number.hpp"

#include <fmt/format.h>

#include <charconv>

namespace cvm {

namespace {

bool take_version_part(std::string_view& text, std::uint32_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

bool take_dot(std::string_view& text) {
  if (!text.starts_with('.')) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::string to_string(const VersionNumber& version) {
  std::string text = fmt::format("{}.{}", version.major, version.minor);
  if (version.patch != 0) text += "." + std::to_string(version.patch);
  return text;
}

std::optional<VersionNumber> take_version_number(std::string_view& text) {
  std::string_view rest = text;
  VersionNumber version;
  if (!take_version_part(rest, version.major) || !take_dot(rest) ||
      !take_version_part(rest, version.minor)) {
    return std::nullopt;
  }
  if (take_dot(rest) && !take_version_part(rest, version.patch)) return std::nullopt;
  text = rest;
  return version;
}

}  // namespace cvm
