#include "policies/profiles/profiles.hpp"

#include <algorithm>

#include "policies/mutations/plan.hpp"
#include "policies/rules/active_rules.hpp"

namespace cvm {

namespace {

// What node rules are decided by: `nodes` and `compatibility` are of the cluster, and so the same.
struct NodeJudge {
  const Settings& settings;
  const ActiveRules& rules;
};

// Whether every node rule says the same under both, of nodes and templates that are the same.
bool decide_alike(const NodeJudge& one, const NodeJudge& other) {
  const auto rules = one.rules.node_rules(), others = other.rules.node_rules();
  return one.settings.mode == other.settings.mode &&
         one.settings.caching == other.settings.caching &&
         one.settings.autoload_shiftfs == other.settings.autoload_shiftfs &&
         one.settings.gpu.allow_clouds == other.settings.gpu.allow_clouds &&
         std::equal(
             rules.begin(), rules.end(), others.begin(),
             [](const auto& left, const auto& right) { return left.action == right.action; });
}

// The marks are those of the settings themselves, and a RuntimeClass of its own may not select
// them.
bool goes_by_marks(const NodeJudge& profile, const NodeJudge& cluster) {
  return profile.settings.runtime_class_name == cluster.settings.runtime_class_name &&
         decide_alike(profile, cluster);
}

Snapshot snapshot_of(const ProfileSettings& profile, const NodeJudge& cluster) {
  Settings settings = profile.settings;
  Snapshot snapshot;
  snapshot.rules = std::make_shared<const ActiveRules>(settings);
  if (!goes_by_marks({settings, *snapshot.rules}, cluster)) settings.nodes.mark = false;
  snapshot.plan = std::make_shared<const PlanTemplate>(settings, profile.name);
  snapshot.settings = std::make_shared<const Settings>(std::move(settings));
  return snapshot;
}

}  // namespace

const ProfileSnapshot* Profiles::find(std::string_view name) const {
  const auto found = std::find_if(all.begin(), all.end(), [name](const ProfileSnapshot& profile) {
    return profile.name == name;
  });
  return found == all.end() ? nullptr : &*found;
}

std::shared_ptr<const Profiles> make_profiles(const ProfiledSettings& settings,
                                              const ActiveRules& rules) {
  if (settings.profiles.empty()) return nullptr;
  Profiles profiles;
  profiles.default_name = settings.default_profile;
  for (const ProfileSettings& profile : settings.profiles) {
    profiles.all.push_back(
        {profile.name, profile.chosen_by_namespace, profile.chosen_by_pod,
         std::make_shared<const Snapshot>(snapshot_of(profile, {settings, rules}))});
  }
  return std::make_shared<const Profiles>(std::move(profiles));
}

void use_nodes(Snapshot& snapshot, const std::shared_ptr<const NodeCatalog>& nodes) {
  std::vector<Snapshot> built;
  change_each(snapshot, [&](Snapshot& each) {
    const auto alike = std::find_if(built.begin(), built.end(), [&](const Snapshot& other) {
      return decide_alike({*other.settings, *other.rules}, {*each.settings, *each.rules});
    });
    each.nodes = alike != built.end()
                     ? alike->nodes
                     : NodeInventory::build(nodes, *each.settings, each.nodes.get());
    if (alike == built.end()) built.push_back(each);
  });
}

Snapshot make_snapshot(ProfiledSettings settings) {
  Snapshot snapshot;
  snapshot.rules = std::make_shared<const ActiveRules>(settings);
  snapshot.profiles = make_profiles(settings, *snapshot.rules);
  snapshot.plan = std::make_shared<const PlanTemplate>(settings);
  snapshot.settings = std::make_shared<const Settings>(static_cast<Settings&&>(settings));
  return snapshot;
}

}  // namespace cvm
