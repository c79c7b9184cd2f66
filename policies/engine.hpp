// mutate and validate: from a request to a Verdict. Pure; safe to call from many threads.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "policies/model/admission_request.hpp"
#include "policies/model/finding.hpp"
#include "policies/model/host_volumes.hpp"
#include "policies/model/known_namespaces.hpp"
#include "policies/model/known_pods.hpp"
#include "policies/model/pod_lookup.hpp"
#include "policies/model/profile_settings.hpp"
#include "policies/model/runtime_class_facts.hpp"
#include "policies/model/settings.hpp"
#include "policies/mutations/inner_view.hpp"
#include "policies/mutations/plan.hpp"
#include "policies/mutations/wrapping.hpp"
#include "policies/nodes/node_inventory.hpp"

namespace cvm {

struct Profiles;

// Everything a decision depends on besides the request. Built when settings or the cluster change.
struct Snapshot {
  std::shared_ptr<const Settings> settings;    // never null
  std::shared_ptr<const PlanTemplate> plan;    // rendered from the same settings; never null
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

// Settings and what is rendered from them, without nodes.
Snapshot make_snapshot(ProfiledSettings settings);

// Working memory of one thread, reused between decisions.
struct Scratch {
  NodeInventory::Candidates candidates;
  Problems problems;
  // What a PodContext points to.
  std::optional<InnerView> inner;
  std::optional<Wrapping> wrapping;
};

// CREATE of a Pod: findings, and the patch that makes it a CVM. Anything else: allowed, no patch.
// `out` is cleared first. A refused pod gets no patch. A pod that is already the whole CVM of
// snapshot.previous, as in the second call of one admission, is left as it is.
void mutate(const AdmissionRequest& request, const Snapshot& snapshot, Scratch& scratch,
            Verdict& out);

// A pod's whole life:
//   CREATE of a Pod in its final state: the same findings, what the Pod Security level says of the
//     user's part, and the plan must be there untouched. What snapshot.previous admits as it is, is
//     allowed too: the pod was mutated a moment ago, and its developer can do nothing about a
//     change of the settings since.
//   UPDATE of a Pod or of a subresource that gives one (pod_change.hpp)
//   CREATE of pods/binding: refused where the node cannot host the pod (binding.hpp)
//   CONNECT of pods/exec and the like (pod_connection.hpp)
//   CREATE and UPDATE of what pods are made by (pod_template.hpp)
//   UPDATE of a Namespace (namespace_change.hpp)
// Anything else: allowed. When out.awaits_pod, the caller asks the API server for the pod
// request.namespace_/request.name and calls again with its answer as `lookup`.
void validate(const AdmissionRequest& request, const Snapshot& snapshot, Scratch& scratch,
              Verdict& out, const PodLookup* lookup = nullptr);

}  // namespace cvm
