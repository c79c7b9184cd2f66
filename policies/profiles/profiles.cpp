#include "policies/profiles/profiles.hpp"

#include <algorithm>

#include "policies/rules/registry.hpp"

namespace cvm {

namespace {

// The marks are those of the settings themselves, and a RuntimeClass of its own may not select
// them.
bool goes_by_marks(const Settings& profile, const Settings& cluster) {
  return profile.runtime_class_name == cluster.runtime_class_name &&
         decides_alike_about_nodes(profile, cluster);
}

Snapshot snapshot_of(const ProfileSettings& profile, const Settings& cluster) {
  Settings settings = profile.settings;
  if (!goes_by_marks(settings, cluster)) settings.nodes.mark = false;
  Snapshot snapshot;
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

std::shared_ptr<const Profiles> make_profiles(const ProfiledSettings& settings) {
  if (settings.profiles.empty()) return nullptr;
  Profiles profiles;
  profiles.default_name = settings.default_profile;
  for (const ProfileSettings& profile : settings.profiles) {
    profiles.all.push_back({profile.name, profile.chosen_by_namespace, profile.chosen_by_pod,
                            std::make_shared<const Snapshot>(snapshot_of(profile, settings))});
  }
  return std::make_shared<const Profiles>(std::move(profiles));
}

// `nodes` and `compatibility` are of the cluster, and so the same.
bool decides_alike_about_nodes(const Settings& one, const Settings& other) {
  const auto rules = node_rules();
  return one.mode == other.mode && one.caching == other.caching &&
         one.autoload_shiftfs == other.autoload_shiftfs &&
         one.gpu.allow_clouds == other.gpu.allow_clouds &&
         std::all_of(rules.begin(), rules.end(), [&](const NodeRule* rule) {
           return action_of(*rule, one) == action_of(*rule, other);
         });
}

void use_nodes(Snapshot& snapshot, const std::shared_ptr<const NodeCatalog>& nodes) {
  std::vector<std::pair<std::shared_ptr<const Settings>, std::shared_ptr<const NodeInventory>>>
      built;
  change_each(snapshot, [&](Snapshot& each) {
    const auto alike = std::find_if(built.begin(), built.end(), [&](const auto& other) {
      return decides_alike_about_nodes(*other.first, *each.settings);
    });
    each.nodes = alike != built.end()
                     ? alike->second
                     : NodeInventory::build(nodes, *each.settings, each.nodes.get());
    if (alike == built.end()) built.emplace_back(each.settings, each.nodes);
  });
}

}  // namespace cvm
