// Version numbers as they stand at the front of kernel and kubelet versions: "5.15.0", "1.27".
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cvm {

struct VersionNumber {
  std::uint32_t major = 0, minor = 0, patch = 0;

  constexpr auto operator<=>(const VersionNumber&) const = default;
};

// "5.12" where patch is 0, else "5.12.3".
std::string to_string(const VersionNumber& version);

// Takes two or three numbers with dots between them off the front of `text`. nullopt, with `text`
// as it was, where there are fewer, where a number exceeds 32 bits, or where a dot follows that no
// number follows ("5.15.x").
std::optional<VersionNumber> take_version_number(std::string_view& text);

}  // namespace cvm
