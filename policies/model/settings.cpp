#include "policies/model/settings.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <optional>

#include "policies/model/text.hpp"

namespace cvm {

std::string_view to_string(Mode mode) {
  return mode == Mode::kSupervised ? "supervised" : "native";
}

std::string_view default_runtime_class_name(Mode mode) {
  return mode == Mode::kSupervised ? "cvm" : "sysbox-runc";
}

std::string_view to_string(Placement placement) {
  switch (placement) {
    case Placement::kSidecar:
      return "sidecar";
    case Placement::kContainer:
      return "container";
    case Placement::kWrap:
      return "wrap";
  }
  return "";
}

std::string_view to_string(RuleAction action) {
  switch (action) {
    case RuleAction::kDeny:
      return "deny";
    case RuleAction::kWarn:
      return "warn";
    case RuleAction::kAudit:
      return "audit";
    case RuleAction::kOff:
      return "off";
  }
  return "";
}

std::string_view to_string(PodSecurityLevel level) {
  switch (level) {
    case PodSecurityLevel::kPrivileged:
      return "privileged";
    case PodSecurityLevel::kBaseline:
      return "baseline";
    case PodSecurityLevel::kRestricted:
      return "restricted";
  }
  return "";
}

namespace {

constexpr int kWidestPrefix = 8;
constexpr int kNarrowestPrefix = 30;

// Takes a decimal number without sign or leading zeros, at most `limit`, off the front of `text`.
std::optional<std::uint32_t> take_number(std::string_view& text, std::uint32_t limit) {
  std::uint32_t number = 0;
  const char* begin = text.data();
  const char* end = begin + text.size();
  const auto [stop, error] = std::from_chars(begin, end, number);
  const auto length = static_cast<std::size_t>(stop - begin);
  if (error != std::errc{} || number > limit) return std::nullopt;
  if (length > 1 && text.front() == '0') return std::nullopt;
  text.remove_prefix(length);
  return number;
}

bool take_character(std::string_view& text, char character) {
  if (!text.starts_with(character)) return false;
  text.remove_prefix(1);
  return true;
}

struct Network {
  std::uint32_t address = 0;
  int prefix = 0;
};

std::optional<Network> parse_network(std::string_view text) {
  Network network;
  for (int position = 0; position < 4; ++position) {
    if (position > 0 && !take_character(text, '.')) return std::nullopt;
    const auto octet = take_number(text, 255);
    if (!octet) return std::nullopt;
    network.address = network.address << 8 | *octet;
  }
  if (!take_character(text, '/')) return std::nullopt;
  const auto prefix = take_number(text, 32);
  if (!prefix || !text.empty()) return std::nullopt;
  network.prefix = static_cast<int>(*prefix);
  return network;
}

std::string dotted(std::uint32_t address) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) {
    text += std::to_string(address >> shift & 255U);
    if (shift > 0) text += '.';
  }
  return text;
}

}  // namespace

Result<std::string> check_cvm_network(std::string_view cidr) {
  const std::string found = fmt::format(", found {}", quoted(cidr));
  const auto network = parse_network(cidr);
  if (!network)
    return Error{fmt::format("expected an IPv4 network such as 172.19.0.0/30{}", found)};
  if (network->prefix > kNarrowestPrefix) {
    return Error{
        fmt::format("expected a prefix of at most /30, as a CVM needs two addresses{}", found)};
  }
  if (network->prefix < kWidestPrefix) {
    return Error{fmt::format("expected a prefix of at least /8{}", found)};
  }
  const std::uint32_t mask = ~std::uint32_t{0} << (32 - network->prefix);
  if ((network->address & ~mask) != 0) {
    return Error{fmt::format("expected no bits set beyond the prefix, as in {}/{}{}",
                             dotted(network->address & mask), network->prefix, found)};
  }
  const std::uint32_t first_octet = network->address >> 24;
  if (first_octet == 0 || first_octet == 127 || first_octet >= 224) {
    return Error{fmt::format(
        "expected a network that hosts can use, not loopback, multicast or reserved{}", found)};
  }
  // Error can be made from a string as well, so the value must be named as such.
  return {boost::system::in_place_value, std::string(cidr)};
}

}  // namespace cvm
