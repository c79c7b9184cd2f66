#include "policies/snapshot.hpp"

#include <utility>

#include "policies/mutations/plan.hpp"
#include "policies/profiles/profiles.hpp"

namespace cvm {

const std::string& profile_name(const Snapshot& snapshot) { return snapshot.plan->profile(); }

Snapshot make_snapshot(ProfiledSettings settings) {
  Snapshot snapshot;
  snapshot.rules = std::make_shared<const ActiveRules>(settings);
  snapshot.profiles = make_profiles(settings, *snapshot.rules);
  snapshot.plan = std::make_shared<const PlanTemplate>(settings);
  snapshot.settings = std::make_shared<const Settings>(static_cast<Settings&&>(settings));
  return snapshot;
}

}  // namespace cvm
