// Whether SELinux is enabled on a node.
#pragma once

#include <string>
#include <string_view>

#include "policies/model/compatibility.hpp"
#include "policies/model/node_facts.hpp"

namespace cvm {

// Of Node Feature Discovery, which sets it only where SELinux is enabled; administrators may too.
inline constexpr std::string_view kSelinuxLabel =
    "feature.node.kubernetes.io/kernel-selinux.enabled";

enum class SelinuxState { kOff, kOn, kUnknown };

std::string_view to_string(SelinuxState state);  // "off", "on", "unknown"

enum class SelinuxSource { kNone, kSystem, kLabel, kDistribution };

struct Selinux {
  SelinuxState state = SelinuxState::kUnknown;
  SelinuxSource source = SelinuxSource::kNone;
  std::string evidence;  // for people: "default of Rocky Linux 9.4"; empty: nothing says
};

// Windows has none; then the label decides; then that Node Feature Discovery has looked at the
// kernel and not set it; then the distribution's default. `compatibility` adds and replaces rows of
// distributions.
Selinux detect_selinux(const NodeFacts& node, const Compatibility& compatibility = {});

}  // namespace cvm
