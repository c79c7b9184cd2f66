// KnownNamespaces: what the labels of namespaces that take part say about their pods.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "policies/model/settings.hpp"

namespace cvm {

struct KnownNamespace {
  // Of the label pod-security.kubernetes.io/enforce.
  PodSecurityLevel enforced = PodSecurityLevel::kPrivileged;
  std::string profile;  // of the label kProfileLabel; empty: none is asked for

  bool operator==(const KnownNamespace&) const = default;
};

// By name. Namespaces without the label kWorkspacesLabel are not in it.
using KnownNamespaces = std::map<std::string, KnownNamespace, std::less<>>;

inline constexpr std::string_view kEnforceLabel = "pod-security.kubernetes.io/enforce";

}  // namespace cvm
