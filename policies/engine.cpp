#include "policies/engine.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "policies/calls/binding.hpp"
#include "policies/calls/namespace_change.hpp"
#include "policies/calls/pod_change.hpp"
#include "policies/calls/pod_connection.hpp"
#include "policies/calls/pod_creation.hpp"
#include "policies/calls/pod_template.hpp"
#include "policies/model/workspace.hpp"
#include "policies/mutations/profile_annotation.hpp"
#include "policies/profiles/profile_choice.hpp"
#include "policies/profiles/profiles.hpp"
#include "policies/rules/registry.hpp"

namespace cvm {

namespace {

// The one place where what an earlier decision left is forgotten: below it, things are only added.
void begin_decision(Scratch& scratch, Verdict& out) {
  out.clear();
  scratch.clear();
}

// The mirror of a static pod, which runs whatever is said of it.
bool is_kubelets_mirror(const AdmissionRequest& request) {
  const auto& groups = request.user.groups;
  return request.pod != nullptr && request.pod->annotations.find(kMirrorAnnotation) &&
         std::find(groups.begin(), groups.end(), "system:nodes") != groups.end();
}

// The pod whose creation is asked for, or null for every other call.
const PodView* created_pod(const AdmissionRequest& request) {
  const bool creates_pod = request.operation == Operation::kCreate &&
                           request.resource.group.empty() && request.resource.version == "v1" &&
                           request.resource.resource == "pods" && request.subresource.empty();
  return creates_pod && !is_kubelets_mirror(request) ? request.pod : nullptr;
}

// Adds the parts of the plan that the pod lacks; with `blocked_only`, those that no patch can add.
void check_plan(const PodContext& context, const Snapshot& snapshot, bool blocked_only,
                Problems& problems, Verdict& out) {
  const RuleDescriptor& rule = rules::plan_incomplete;
  snapshot.plan->describe_gaps(context, blocked_only, problems);
  if (!blocked_only) describe_profile_gap(context.pod, snapshot.plan->profile(), problems);
  move_problems(rule, action_of(rule, context.settings), problems, out);
}

void mutate_by(const AdmissionRequest& request, const PodView& pod, const Snapshot& snapshot,
               Scratch& scratch, Verdict& out) {
  const auto [chosen, context] =
      judge_chosen_creation(request, pod, snapshot, Stage::kEarly, scratch, out);
  if (!context) return;
  check_plan(*context, *chosen, true, scratch.problems, out);
  if (!out.allowed) return;
  const Separation apart = separate_nodes(*context, *chosen, scratch.candidates, out);
  if (!out.allowed) return;
  chosen->plan->render_patch(*context, apart, out.patch);
}

void validate_by(const AdmissionRequest& request, const PodView& pod, const Snapshot& snapshot,
                 Scratch& scratch, Verdict& out) {
  const auto [chosen, context] =
      judge_chosen_creation(request, pod, snapshot, Stage::kFinal, scratch, out);
  if (context) check_plan(*context, *chosen, false, scratch.problems, out);
}

void validate_creation(const AdmissionRequest& request, const PodView& pod,
                       const Snapshot& snapshot, Scratch& scratch, Verdict& out) {
  validate_by(request, pod, snapshot, scratch, out);
  if (out.allowed || !snapshot.previous) return;
  Verdict before;
  validate_by(request, pod, *snapshot.previous, scratch, before);
  if (before.allowed) out = std::move(before);
}

}  // namespace

void mutate(const AdmissionRequest& request, const Snapshot& snapshot, Scratch& scratch,
            Verdict& out) {
  begin_decision(scratch, out);
  const PodView* pod = created_pod(request);
  if (pod == nullptr) return;
  mutate_by(request, *pod, snapshot, scratch, out);
  if (out.allowed || !snapshot.previous) return;
  Verdict before;
  mutate_by(request, *pod, *snapshot.previous, scratch, before);
  if (before.allowed && before.is_cvm && before.patch.empty()) out = std::move(before);
}

void validate(const AdmissionRequest& request, const Snapshot& snapshot, Scratch& scratch,
              Verdict& out, const PodLookup* lookup) {
  begin_decision(scratch, out);
  if (const PodView* pod = created_pod(request)) {
    validate_creation(request, *pod, snapshot, scratch, out);
  } else if (is_binding(request)) {
    judge_binding(request, snapshot, scratch, out, lookup);
  } else if (is_pod_change(request)) {
    judge_pod_change(request, snapshot, scratch, out);
  } else if (is_pod_connection(request)) {
    judge_pod_connection(request, snapshot, scratch, out, lookup);
  } else if (request.pod_template != nullptr) {
    judge_pod_template(request, snapshot, scratch, out);
  } else if (is_namespace_change(request)) {
    judge_namespace_change(request, snapshot, out);
  }
}

}  // namespace cvm
