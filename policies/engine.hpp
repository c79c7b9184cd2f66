// mutate and validate: from a request to a Verdict. Pure; safe to call from many threads.
#pragma once

#include <memory>

#include "policies/model/admission_request.hpp"
#include "policies/model/finding.hpp"
#include "policies/model/runtime_class_facts.hpp"
#include "policies/model/settings.hpp"
#include "policies/model/unbound_pods.hpp"
#include "policies/mutations/plan.hpp"
#include "policies/nodes/node_inventory.hpp"

namespace cvm {

// Everything a decision depends on besides the request. Built when settings or nodes change.
struct Snapshot {
  std::shared_ptr<const Settings> settings;    // never null
  std::shared_ptr<const PlanTemplate> plan;    // rendered from the same settings; never null
  std::shared_ptr<const NodeInventory> nodes;  // null: nothing is known about nodes
  bool nodes_stale = false;                    // older than settings->nodes.stale_after
  bool nodes_awaited = false;                  // they will be known, but are not yet
  // The RuntimeClass that the settings name, as it is in the cluster; null: not known.
  std::shared_ptr<const RuntimeClassFacts> runtime_class;
  std::shared_ptr<const UnboundPods> unbound_pods;  // null: not known
  // What was in force before the last change of the settings, while calls may be under way that
  // began with it; null otherwise. Has no `previous` of its own.
  std::shared_ptr<const Snapshot> previous;
};

// Settings and what is rendered from them, without nodes.
Snapshot make_snapshot(Settings settings);

// Working memory of one thread, reused between decisions.
struct Scratch {
  NodeInventory::Candidates candidates;
  Problems problems;
};

// CREATE of a Pod: findings, and the patch that makes it a CVM. Anything else: allowed, no patch.
// `out` is cleared first. A refused pod gets no patch. A pod that is already the whole CVM of
// snapshot.previous, as in the second call of one admission, is left as it is.
void mutate(const AdmissionRequest& request, const Snapshot& snapshot, Scratch& scratch,
            Verdict& out);

// CREATE of a Pod in its final state: the same findings, and the plan must be there untouched.
// CREATE of pods/binding: refused where the node cannot host the pod (binding.hpp).
// Anything else: allowed. What snapshot.previous admits as it is, is allowed too: the pod was
// mutated a moment ago, and its developer can do nothing about a change of the settings since.
void validate(const AdmissionRequest& request, const Snapshot& snapshot, Scratch& scratch,
              Verdict& out);

}  // namespace cvm
