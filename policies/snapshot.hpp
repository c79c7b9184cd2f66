// Snapshot: everything a decision depends on besides the request.
#pragma once

#include <memory>
#include <string>

#include "policies/model/host_volumes.hpp"
#include "policies/model/known_namespaces.hpp"
#include "policies/model/known_pods.hpp"
#include "policies/model/runtime_class_facts.hpp"
#include "policies/model/settings.hpp"
#include "policies/nodes/node_inventory.hpp"
#include "policies/rules/active_rules.hpp"

namespace cvm {

class PlanTemplate;
struct Profiles;

// Everything a decision depends on besides the request. Built when settings or the cluster change.
struct Snapshot {
  std::shared_ptr<const Settings> settings;    // never null
  std::shared_ptr<const PlanTemplate> plan;    // rendered from the same settings; never null
  std::shared_ptr<const ActiveRules> rules;    // resolved from the same settings; never null
  std::shared_ptr<const NodeInventory> nodes;  // null: nothing is known about nodes
  bool nodes_stale = false;                    // older than settings->nodes.stale_after
  bool nodes_awaited = false;                  // they will be known, but are not yet
  // The RuntimeClass that the settings name, as it is in the cluster; null: not known.
  std::shared_ptr<const RuntimeClassFacts> runtime_class;
  std::shared_ptr<const KnownPods> known_pods;  // null: not known
  // The API server can be asked for a pod that is not in known_pods: Verdict::awaits_pod.
  bool looks_up_pods = false;
  std::shared_ptr<const KnownNamespaces> namespaces;  // null: not known
  bool namespaces_awaited = false;                    // they will be known, but are not yet
  std::shared_ptr<const HostVolumes> host_volumes;    // null: not known
  // What decides instead of all this about pods of a profile (profiles.hpp); null: there are none.
  std::shared_ptr<const Profiles> profiles;
  // What was in force before the last change of the settings, while calls may be under way that
  // began with it; null otherwise. Has no `previous` of its own.
  std::shared_ptr<const Snapshot> previous;
};

// The profile that it is of; empty: the settings themselves.
const std::string& profile_name(const Snapshot& snapshot);

}  // namespace cvm
