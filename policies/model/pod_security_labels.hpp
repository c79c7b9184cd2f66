// PodSecurityLabels: what namespaces ask of Pod Security Admission, where it is more than nothing.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "policies/model/settings.hpp"

namespace cvm {

// Namespace -> the level of its label pod-security.kubernetes.io/enforce; absent: privileged.
using PodSecurityLabels = std::map<std::string, PodSecurityLevel, std::less<>>;

inline constexpr std::string_view kEnforceLabel = "pod-security.kubernetes.io/enforce";

}  // namespace cvm
