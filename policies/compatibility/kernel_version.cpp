#include "policies/compatibility/kernel_version.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "policies/model/text.hpp"

namespace cvm {

namespace {

constexpr std::string_view kSeparators = "-._+";

bool is_letter(char byte) { return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z'); }

// CONFIG_LOCALVERSION may begin with anything, but what begins with none of these is no kernel's.
bool is_suffix(std::string_view text) {
  if (text.empty()) return true;
  const char first = text.front();
  if (!is_letter(first) && first != '~' && kSeparators.find(first) == std::string_view::npos)
    return false;
  if (first == '.' && text.size() == 1) return false;
  return std::all_of(text.begin(), text.end(), [](char byte) { return byte > ' ' && byte <= '~'; });
}

}  // namespace

bool KernelVersion::has_flavour(std::string_view word) const {
  std::string_view rest = suffix;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find_first_of(kSeparators), rest.size());
    if (rest.substr(0, end) == word) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

Result<KernelVersion> parse_kernel_version(std::string_view text) {
  std::string_view rest = text;
  const auto number = take_version_number(rest);
  if (!number || !is_suffix(rest)) {
    return Error{
        fmt::format("{} is no kernel version; expected numbers and a suffix as in 5.15.0-1051-aws",
                    quoted(text))};
  }
  return KernelVersion{*number, std::string(rest)};
}

}  // namespace cvm
