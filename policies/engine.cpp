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
#include "policies/model/pod_view.hpp"
#include "policies/model/workspace.hpp"
#include "policies/mutations/plan.hpp"
#include "policies/mutations/profile_annotation.hpp"
#include "policies/profiles/profile_choice.hpp"
#include "policies/profiles/profiles.hpp"
#include "policies/rules/rules.hpp"
#include "policies/scratch.hpp"

namespace cvm {

namespace {

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

// The one place where what an earlier decision left is forgotten: below it, things are only added.
void begin_decision(Scratch& scratch, Verdict& out) {
  out.clear();
  scratch.clear();
}

// Adds the parts of the plan that the pod lacks; with `blocked_only`, those that no patch can add.
void check_plan(const PodContext& context, const Snapshot& snapshot, bool blocked_only,
                Scratch& scratch, Verdict& out) {
  const RuleAction action = snapshot.rules->actions().plan_incomplete;
  if (blocked_only) {
    scratch.trace.skip(rules::plan_incomplete, RuleSkip::kFinalPod);
  } else {
    scratch.trace.ask(rules::plan_incomplete, action);
  }
  snapshot.plan->describe_gaps(context, blocked_only, scratch.problems);
  if (!blocked_only) {
    describe_profile_gap(context.pod, snapshot.plan->profile(), scratch.problems);
  }
  move_problems(rules::plan_incomplete, action, scratch.problems, out);
}

void mutate_by(const AdmissionRequest& request, const PodView& pod, const Snapshot& snapshot,
               Scratch& scratch, Verdict& out) {
  const auto [chosen, context] =
      judge_chosen_creation(request, pod, snapshot, Stage::kEarly, scratch, out);
  if (!context) return;
  check_plan(*context, *chosen, true, scratch, out);
  if (!out.allowed) return;
  const Separation apart = separate_nodes(*context, *chosen, scratch, out);
  if (!out.allowed) return;
  chosen->plan->render_patch(*context, apart, out.patch);
}

void validate_by(const AdmissionRequest& request, const PodView& pod, const Snapshot& snapshot,
                 Scratch& scratch, Verdict& out) {
  const auto [chosen, context] =
      judge_chosen_creation(request, pod, snapshot, Stage::kFinal, scratch, out);
  if (!context) return;
  if (context->settings.mode == Mode::kNative) {
    scratch.trace.skip(rules::user_namespace_mixed, RuleSkip::kFirstPod);
  }
  scratch.trace.skip(rules::unmarked_nodes, RuleSkip::kFirstPod);
  check_plan(*context, *chosen, false, scratch, out);
}

using JudgeCreation = void (*)(const AdmissionRequest& request, const PodView& pod,
                               const Snapshot& snapshot, Scratch& scratch, Verdict& out);
using Accepts = bool (*)(const Verdict& before);

// A pod that is refused is judged once more, by the settings before the last change: what
// `accepts` takes of that is decided. The trace is of what is decided.
void judge_creation_by_both(const AdmissionRequest& request, const PodView& pod,
                            const Snapshot& snapshot, Scratch& scratch, Verdict& out,
                            JudgeCreation judge, Accepts accepts) {
  scratch.trace.begin(RuleCall::kPodCreation);
  judge(request, pod, snapshot, scratch, out);
  if (out.allowed || !snapshot.previous) return;
  Verdict before;
  RuleTrace trace;
  {
    const TraceTo other(scratch.trace, scratch.trace ? &trace : nullptr);
    scratch.trace.begin(RuleCall::kPodCreation);
    judge(request, pod, *snapshot.previous, scratch, before);
  }
  if (!accepts(before)) return;
  out = std::move(before);
  if (scratch.trace) *scratch.trace.trace() = std::move(trace);
}

void validate_call(const AdmissionRequest& request, const Snapshot& snapshot, Scratch& scratch,
                   Verdict& out, const PodLookup* lookup) {
  const TracePen trace = scratch.trace;
  if (const PodView* pod = created_pod(request)) {
    judge_creation_by_both(request, *pod, snapshot, scratch, out, validate_by,
                           [](const Verdict& before) { return before.allowed; });
  } else if (is_binding(request)) {
    trace.begin(RuleCall::kBinding);
    judge_binding(request, snapshot, scratch, out, lookup);
  } else if (is_pod_change(request)) {
    trace.begin(RuleCall::kPodChange);
    judge_pod_change(request, snapshot, scratch, out);
  } else if (is_pod_connection(request)) {
    if (trace) trace.begin(call_of_subresource(request.subresource));
    judge_pod_connection(request, snapshot, scratch, out, lookup);
  } else if (request.pod_template != nullptr) {
    trace.begin(RuleCall::kPodTemplate);
    judge_pod_template(request, snapshot, scratch, out);
  } else if (is_namespace_change(request)) {
    trace.begin(RuleCall::kNamespaceChange);
    judge_namespace_change(request, snapshot, trace, out);
  } else {
    trace.begin(std::nullopt);
  }
}

}  // namespace

void mutate(const AdmissionRequest& request, const Snapshot& snapshot, Scratch& scratch,
            Verdict& out) {
  begin_decision(scratch, out);
  if (const PodView* pod = created_pod(request)) {
    // The second call of an admission that began with them: the pod is whole already.
    judge_creation_by_both(request, *pod, snapshot, scratch, out, mutate_by,
                           [](const Verdict& before) {
                             return before.allowed && before.is_cvm && before.patch.empty();
                           });
  } else {
    scratch.trace.begin(std::nullopt);
  }
  scratch.trace.end(out);
}

void validate(const AdmissionRequest& request, const Snapshot& snapshot, Scratch& scratch,
              Verdict& out, const PodLookup* lookup) {
  begin_decision(scratch, out);
  validate_call(request, snapshot, scratch, out, lookup);
  scratch.trace.end(out);
}

}  // namespace cvm
