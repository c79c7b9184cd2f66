#include "policies/compatibility/selinux.hpp"

#include <fmt/format.h>

#include "policies/compatibility/distribution.hpp"
#include "policies/model/text.hpp"

namespace cvm {

namespace {

// Node Feature Discovery sets this on every node that it has looked at.
constexpr std::string_view kNfdKernelLabel = "feature.node.kubernetes.io/kernel-version.full";

Selinux by_default(const NodeFacts& node, const Compatibility& compatibility) {
  const Distribution distribution = detect_distribution(node, compatibility);
  const SelinuxDefault usual = find_support(distribution, compatibility).selinux;
  if (usual == SelinuxDefault::kUnknown) return {};
  return {usual == SelinuxDefault::kOn ? SelinuxState::kOn : SelinuxState::kOff,
          SelinuxSource::kDistribution, fmt::format("default of {}", distribution.name)};
}

}  // namespace

std::string_view to_string(SelinuxState state) {
  switch (state) {
    case SelinuxState::kOn:
      return "on";
    case SelinuxState::kOff:
      return "off";
    case SelinuxState::kUnknown:
      break;
  }
  return "unknown";
}

Selinux detect_selinux(const NodeFacts& node, const Compatibility& compatibility) {
  if (runs_windows(node)) return {SelinuxState::kOff, SelinuxSource::kSystem, "Windows"};
  const auto label = node.labels.find(kSelinuxLabel);
  if (label != node.labels.end()) {
    return {label->second == "false" ? SelinuxState::kOff : SelinuxState::kOn,
            SelinuxSource::kLabel, "label " + readable(label->first)};
  }
  if (node.labels.contains(kNfdKernelLabel)) {
    return {SelinuxState::kOff, SelinuxSource::kLabel,
            fmt::format("no label {} beside those of Node Feature Discovery", kSelinuxLabel)};
  }
  return by_default(node, compatibility);
}

}  // namespace cvm
