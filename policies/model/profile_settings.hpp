// ProfiledSettings: the settings of a cluster and the named profiles beside them, by which some of
// its pods are judged instead.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "policies/model/settings.hpp"

namespace cvm {

struct ProfileSettings {
  std::string name;  // a DNS label, and so the value of a label
  // Whose label kProfileLabel may ask for it. Neither: it can only be the default.
  bool chosen_by_namespace = true;
  bool chosen_by_pod = false;
  Settings settings;  // complete: the profile's own keys over those of the cluster
};

// What of the cluster's settings no profile changes: `enabled`, `workspace_selector`, `nodes`,
// `compatibility`, `isolation.break_glass`, and the actions of rules that judge no pod.
struct ProfiledSettings : Settings {
  ProfiledSettings() = default;
  // Without profiles.
  ProfiledSettings(Settings settings) : Settings(std::move(settings)) {}  // NOLINT(*-explicit-*)

  std::vector<ProfileSettings> profiles;  // distinct names
  // The profile of pods for which nothing else is said; empty: the settings themselves.
  std::string default_profile;
};

}  // namespace cvm
