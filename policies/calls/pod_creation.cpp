#include "policies/calls/pod_creation.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "policies/calls/no_compatible_node.hpp"
#include "policies/calls/runtime_class.hpp"
#include "policies/calls/user_namespace_choice.hpp"
#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/model/workspace.hpp"
#include "policies/mutations/plan.hpp"
#include "policies/mutations/wrap/wrapping.hpp"
#include "policies/profiles/profile_choice.hpp"
#include "policies/rules/rules.hpp"
#include "policies/scratch.hpp"

namespace cvm {

namespace {

// Warnings and audits that hold on whichever node the pod lands.
void add_certain_reasons(const NodeInventory& nodes, const NodeInventory::Candidates& candidates,
                         Verdict& out) {
  if (candidates.usable == 0) return;  // it is to land on a node that is not there yet
  for (const NodeInventory::ReasonCount& count : candidates.reasons) {
    const NodeReason& reason = nodes.reasons()[count.reason];
    if (reason.action == RuleAction::kDeny || count.usable != candidates.usable) continue;
    out.add(*reason.rule, reason.action, reason.message);
  }
}

// False when nothing should be concluded from what is known of the nodes.
bool is_up_to_date(const Snapshot& snapshot, TracePen trace, Verdict& out) {
  const RuleAction action = snapshot.rules->actions().nodes_stale;
  if (action == RuleAction::kOff) {
    trace.skip(rules::nodes_stale, RuleSkip::kStaleNodesAllowed);
    return true;
  }
  trace.ask(rules::nodes_stale);
  if (!snapshot.nodes_stale && !snapshot.nodes_awaited) return true;
  const std::string what =
      snapshot.nodes_awaited
          ? "the cluster's nodes are not known yet"
          : fmt::format("what is known of the cluster's nodes is older than {} seconds",
                        snapshot.settings->nodes.stale_after.count());
  out.add(rules::nodes_stale, action,
          fmt::format("{}, so the pod may land where it cannot run; try again later, or ask your "
                      "cluster administrator to look at /readyz?verbose of cvm-webhook",
                      what));
  return action != RuleAction::kDeny;
}

PodNeeds needs_of(const PodContext& context, const Snapshot& snapshot) {
  return {.gpu = context.gpus.any(), .runtime_class = snapshot.runtime_class.get()};
}

// What follows from nodes cannot be said.
void skip_nodes(const Snapshot& snapshot, RuleSkip why, TracePen trace) {
  trace_node_rules(*snapshot.rules, false, why, trace);
  trace.skip(rules::runtime_class_nodes, why);
  trace.skip(rules::no_candidate_node, why);
  trace.skip(rules::no_compatible_node, why);
}

void check_no_candidate(const Snapshot& snapshot, Scratch& scratch, Verdict& out) {
  trace_node_rules(*snapshot.rules, false, RuleSkip::kNoCandidate, scratch.trace);
  scratch.trace.skip(rules::no_compatible_node, RuleSkip::kNoCandidate);
  if (!judge_runtime_class_nodes(snapshot, scratch, out)) return;
  const RuleAction action = snapshot.rules->actions().no_candidate_node;
  scratch.trace.ask(rules::no_candidate_node, action);
  out.add(rules::no_candidate_node, action,
          "no node of the cluster matches this pod's nodeName, nodeSelector, node affinity, "
          "tolerations and extended resources, so nothing is known of the node it will run on");
}

void check_nodes(const PodContext& context, const Snapshot& snapshot, Scratch& scratch,
                 Verdict& out) {
  NodeInventory::Candidates& candidates = scratch.candidates;
  const TracePen trace = scratch.trace;
  if (!is_up_to_date(snapshot, trace, out)) {
    return skip_nodes(snapshot, RuleSkip::kStaleNodes, trace);
  }
  if (!snapshot.nodes) return skip_nodes(snapshot, RuleSkip::kUnknownNodes, trace);
  snapshot.nodes->find_candidates(context.pod, needs_of(context, snapshot), candidates);
  if (candidates.total == 0) return check_no_candidate(snapshot, scratch, out);
  trace.skip(rules::runtime_class_nodes, RuleSkip::kCandidates);
  trace.ask(rules::no_candidate_node, snapshot.rules->actions().no_candidate_node);
  trace.ask(rules::no_compatible_node);
  trace_node_rules(*snapshot.rules, context.gpus.any(), RuleSkip::kNone, trace);
  if (candidates.usable == 0 && !candidates.usable_template) {
    refuse_candidates(*snapshot.nodes, candidates, context.gpus.resource, out);
  } else {
    add_certain_reasons(*snapshot.nodes, candidates, out);
  }
}

// Pod Security Admission would refuse the supervisor once the pod has it.
void check_namespace(const AdmissionRequest& request, const Snapshot& snapshot, TracePen trace,
                     Verdict& out) {
  const RuleDescriptor& rule = rules::namespace_pod_security;
  if (snapshot.settings->mode == Mode::kNative) return trace.skip(rule, RuleSkip::kNoSupervisor);
  if (!snapshot.namespaces) return trace.skip(rule, RuleSkip::kUnknownNamespace);
  const auto found = snapshot.namespaces->find(request.namespace_);
  if (found == snapshot.namespaces->end()) return trace.skip(rule, RuleSkip::kUnknownNamespace);
  const RuleAction action = snapshot.rules->actions().namespace_pod_security;
  trace.ask(rule, action);
  if (found->second.enforced == PodSecurityLevel::kPrivileged) return;
  out.add(rule, action,
          fmt::format(
              "namespace {} enforces Pod Security level {}, which refuses the CVM's supervisor; "
              "have it labelled {}=privileged: cvm-webhook holds the rest of each pod to a level",
              quoted(request.namespace_), to_string(found->second.enforced), kEnforceLabel));
}

// With placement wrap, the workspace is what is, or will be, inside.
void look_inside(const WrapTemplate& wrap, Scratch& scratch, PodContext& context) {
  context.wrapping = &scratch.wrapping.emplace(wrap, context);
  if (context.wrapping->state() == Wrapping::State::kChanged) return;
  const bool is_wrapped = context.wrapping->state() != Wrapping::State::kPlain;
  context.inner = &scratch.inner.emplace(context.pod, *context.workspace, is_wrapped).container();
  context.workspace = context.inner;
}

// kNone: the pod is to be kept off some of the candidates.
RuleSkip why_not_separated(const PodContext& context, const Snapshot& snapshot,
                           const NodeInventory::Candidates& candidates) {
  if (!context.pod.node_name.empty()) return RuleSkip::kNodeChosen;
  if (candidates.total > 0) return RuleSkip::kNone;
  return snapshot.nodes ? RuleSkip::kNoCandidate : RuleSkip::kUnknownNodes;
}

}  // namespace

std::optional<PodContext> judge_creation(const AdmissionRequest& request, const PodView& pod,
                                         const Snapshot& snapshot, Stage stage, Scratch& scratch,
                                         Verdict& out) {
  scratch.candidates.clear();  // of another pod of this decision
  const Settings& settings = *snapshot.settings;
  const bool is_workspace = settings.workspace_selector.matches(pod.labels);
  out.is_cvm = is_workspace && settings.enabled && wants_cvm(pod, settings);
  const Container* workspace = workspace_container(pod);
  if (workspace == nullptr) {
    // The API server itself refuses a pod without containers, so only a CVM is of interest here.
    if (out.is_cvm) {
      scratch.trace.ask(rules::workspace_container);
      out.add(rules::workspace_container, RuleAction::kDeny,
              "the pod has no container to make a CVM of; add the workspace to spec.containers",
              "spec.containers");
    }
    if (!out.is_cvm && !pod.containers.empty()) {
      const PodContext context = context_of(request, pod, &pod.containers.front(), false, snapshot);
      apply_pod_rules(context, *snapshot.rules, is_workspace, stage, scratch, out);
      scratch.trace.skip_rest(RuleSkip::kNoCvm);
    }
    scratch.trace.skip_rest(RuleSkip::kNoContainer);
    return std::nullopt;
  }

  PodContext context = context_of(request, pod, workspace, out.is_cvm, snapshot);
  if (out.is_cvm) {
    if (const WrapTemplate* wrap = snapshot.plan->wrap()) look_inside(*wrap, scratch, context);
    context.supervisor = snapshot.plan->find_supervisor(context);
  }
  apply_pod_rules(context, *snapshot.rules, is_workspace, stage, scratch, out);
  if (!out.is_cvm) {
    scratch.trace.skip_rest(RuleSkip::kNoCvm);
    return std::nullopt;
  }
  judge_runtime_class(snapshot, scratch.trace, out);
  check_namespace(request, snapshot, scratch.trace, out);
  check_nodes(context, snapshot, scratch, out);
  if (settings.mode == Mode::kNative) {
    choose_user_namespace(snapshot, context, scratch, out);
  } else {
    scratch.trace.skip(rules::user_namespace_stale, RuleSkip::kNotNative);
    scratch.trace.skip(rules::user_namespace_mixed, RuleSkip::kNotNative);
  }
  if (!out.allowed) return std::nullopt;
  return context;
}

JudgedCreation judge_chosen_creation(const AdmissionRequest& request, const PodView& pod,
                                     const Snapshot& snapshot, Stage stage, Scratch& scratch,
                                     Verdict& out) {
  ProfileChoice choice = choose_profile(request, pod, snapshot);
  const RuleDescriptor& rule = rules::profile_choice;
  const RuleAction action = snapshot.rules->actions().profile_choice;
  const auto add_problems = [&] {
    for (Problem& problem : choice.problems) {
      out.add(rule, action, std::move(problem.message), std::move(problem.field));
    }
  };
  if (!snapshot.profiles && choice.problems.empty()) {
    scratch.trace.skip(rule, RuleSkip::kNoProfiles);
  } else {
    scratch.trace.ask(rule, action);
  }
  if (action == RuleAction::kDeny && !choice.problems.empty()) {
    out.is_cvm = wants_cvm(pod, *choice.snapshot->settings);
    add_problems();
    scratch.trace.skip_rest(RuleSkip::kNoProfile);
    return {choice.snapshot, std::nullopt};
  }
  JudgedCreation judged{choice.snapshot,
                        judge_creation(request, pod, *choice.snapshot, stage, scratch, out)};
  out.profile = choice.snapshot->plan->profile();
  add_problems();
  return judged;
}

Separation separate_nodes(const PodContext& context, const Snapshot& snapshot, Scratch& scratch,
                          Verdict& out) {
  const TracePen trace = scratch.trace;
  const bool is_native = context.settings.mode == Mode::kNative;
  if (const RuleSkip why = why_not_separated(context, snapshot, scratch.candidates);
      why != RuleSkip::kNone) {
    if (is_native) trace.skip(rules::user_namespace_mixed, why);
    trace.skip(rules::unmarked_nodes, why);
    return {};
  }
  if (is_native) {
    Separation apart = separate_user_namespaces(context, snapshot, scratch, out);
    if (apart.kind != Separation::Kind::kNotNeeded) {
      if (out.allowed) trace.skip(rules::unmarked_nodes, RuleSkip::kSeparated);
      return apart;
    }
  }
  if (context.settings.nodes.mark) {
    trace.skip(rules::unmarked_nodes, RuleSkip::kNodesMarked);
    return {};
  }
  trace.ask(rules::unmarked_nodes);
  NodeInventory::Candidates& candidates = scratch.candidates;
  const std::uint32_t total = candidates.total, unusable = total - candidates.usable;
  Separation apart = snapshot.nodes->separate(context.pod, needs_of(context, snapshot), candidates);
  if (apart.kind == Separation::Kind::kImpossible) {
    const bool is_of_profile = !snapshot.plan->profile().empty();
    out.add(rules::unmarked_nodes, RuleAction::kWarn,
            fmt::format("{} of the {} nodes that this pod may land on cannot host a CVM, and no "
                        "node affinity of reasonable size keeps it off them; give the pod a node "
                        "selector, or ask your cluster administrator to {}",
                        unusable, total,
                        is_of_profile ? "give the RuntimeClass of this profile one"
                                      : "set nodes.mark: true in the settings of cvm-webhook"));
  }
  return apart;
}

}  // namespace cvm
