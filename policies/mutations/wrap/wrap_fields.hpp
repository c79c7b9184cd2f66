// Placement wrap: what becomes of the fields of a workspace container that a supervisor of its own
// does not have (Container::other_fields).
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "policies/model/pod_view.hpp"
#include "policies/mutations/injected.hpp"

namespace cvm {

enum class WrapField {
  kStays,    // means the same on the supervisor, or nothing there
  kRemoved,  // would be about the supervisor, whose console the user never sees
  kUnknown,  // what it would do to the supervisor is not known here: a newer Kubernetes has it
};

inline WrapField fate_of_field(std::string_view field) {
  constexpr std::array<std::string_view, 9> kStaying = {
      "ports",   "livenessProbe",      "readinessProbe",   "startupProbe",  "lifecycle",
      "envFrom", "restartPolicyRules", "resources.claims", kStopSignalField};
  constexpr std::array<std::string_view, 3> kRemoved = {"stdin", "stdinOnce", "tty"};
  const auto is_among = [field](const auto& fields) {
    return std::find(fields.begin(), fields.end(), field) != fields.end();
  };
  if (is_among(kRemoved)) return WrapField::kRemoved;
  return is_defaulted_field(field) || is_among(kStaying) ? WrapField::kStays : WrapField::kUnknown;
}

}  // namespace cvm
