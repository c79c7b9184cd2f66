// Profiles: the named profiles of the settings, each with everything that its pods are decided by.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policies/model/profile_settings.hpp"
#include "policies/snapshot.hpp"

namespace cvm {

struct ProfileSnapshot {
  std::string name;
  bool chosen_by_namespace = true, chosen_by_pod = false;
  // Never null. Has no profiles and no `previous` of its own; knows the same of the cluster as the
  // snapshot that the profile belongs to.
  std::shared_ptr<const Snapshot> snapshot;
};

struct Profiles {
  std::vector<ProfileSnapshot> all;
  std::string default_name;  // of one of them; empty: the settings themselves

  // Null when there is none of that name.
  const ProfileSnapshot* find(std::string_view name) const;
};

// Null when there are no profiles. A profile whose nodes the marks do not tell, because it decides
// otherwise about nodes or names another RuntimeClass, gets nodes.mark: false.
// `rules`: of the settings themselves.
std::shared_ptr<const Profiles> make_profiles(const ProfiledSettings& settings,
                                              const ActiveRules& rules);

// Settings and what is rendered and resolved from them, without nodes.
Snapshot make_snapshot(ProfiledSettings settings);

// Calls visit(const Snapshot&) for the snapshot itself and for that of each of its profiles.
template <typename Visit>
void visit_each(const Snapshot& snapshot, Visit&& visit) {
  visit(snapshot);
  if (!snapshot.profiles) return;
  for (const ProfileSnapshot& profile : snapshot.profiles->all) visit(*profile.snapshot);
}

// Calls change(Snapshot&) for the snapshot itself and for that of each of its profiles, which are
// copied: others may be reading them.
template <typename Change>
void change_each(Snapshot& snapshot, Change&& change) {
  change(snapshot);
  if (!snapshot.profiles) return;
  Profiles profiles = *snapshot.profiles;
  for (ProfileSnapshot& profile : profiles.all) {
    Snapshot changed = *profile.snapshot;
    change(changed);
    profile.snapshot = std::make_shared<const Snapshot>(std::move(changed));
  }
  snapshot.profiles = std::make_shared<const Profiles>(std::move(profiles));
}

// Gives the snapshot and its profiles these nodes; those that decide alike about nodes share an
// inventory. What the inventories before them worked out is taken over where it still holds.
void use_nodes(Snapshot& snapshot, const std::shared_ptr<const NodeCatalog>& nodes);

}  // namespace cvm
