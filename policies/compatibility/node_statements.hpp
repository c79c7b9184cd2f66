// What an administrator, or a tool in his name, says of a node that no node reports by itself: by a
// label, or an annotation of the same name, "true" or "false".
#pragma once

#include <optional>
#include <string_view>

#include "policies/model/node_facts.hpp"

namespace cvm {

// The kernel module shiftfs is loaded.
inline constexpr std::string_view kShiftfsStatement = "cvm-webhook.io/shiftfs";
// The node was booted so that its kernel takes signed modules only.
inline constexpr std::string_view kSecureBootStatement = "cvm-webhook.io/secure-boot";
// The headers of the kernel that runs are installed, so that modules can be built for it.
inline constexpr std::string_view kKernelHeadersStatement = "cvm-webhook.io/kernel-headers";

// The label decides where there is one, else the annotation. nullopt: neither is there, or the one
// that decides is neither "true" nor "false".
std::optional<bool> stated(const NodeFacts& node, std::string_view name);

}  // namespace cvm
