#include "policies/calls/pod_creation.hpp"

#include <string>
#include <utility>

#include "policies/calls/no_compatible_node.hpp"
#include "policies/calls/runtime_class.hpp"
#include "policies/calls/user_namespace_choice.hpp"
#include "policies/model/workspace.hpp"
#include "policies/profiles/profile_choice.hpp"
#include "policies/rules/registry.hpp"

namespace cvm {

namespace {

RuleAction to_rule_action(UnknownAction action) {
  switch (action) {
    case UnknownAction::kAllow:
      return RuleAction::kOff;
    case UnknownAction::kWarn:
      return RuleAction::kWarn;
    case UnknownAction::kDeny:
      return RuleAction::kDeny;
  }
  return RuleAction::kDeny;
}

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
bool is_up_to_date(const Snapshot& snapshot, Verdict& out) {
  const NodeSettings& settings = snapshot.settings->nodes;
  const RuleAction action = to_rule_action(settings.stale_action);
  if ((!snapshot.nodes_stale && !snapshot.nodes_awaited) || action == RuleAction::kOff) return true;
  const std::string what = snapshot.nodes_awaited
                               ? "the cluster's nodes are not known yet"
                               : "what is known of the cluster's nodes is older than " +
                                     std::to_string(settings.stale_after.count()) + " seconds";
  out.add(rules::nodes_stale, action,
          what +
              ", so the pod may land where it cannot run; try again later, or ask your "
              "cluster administrator to look at /readyz?verbose of cvm-webhook");
  return action != RuleAction::kDeny;
}

PodNeeds needs_of(const PodContext& context, const Snapshot& snapshot) {
  return {.gpu = context.gpus.any(), .runtime_class = snapshot.runtime_class.get()};
}

void check_nodes(const PodContext& context, const Snapshot& snapshot,
                 NodeInventory::Candidates& candidates, Verdict& out) {
  if (!is_up_to_date(snapshot, out) || !snapshot.nodes) return;
  snapshot.nodes->find_candidates(context.pod, needs_of(context, snapshot), candidates);
  if (candidates.total == 0) {
    if (!judge_runtime_class_nodes(snapshot, candidates, out)) return;
    const RuleDescriptor& rule = rules::no_candidate_node;
    out.add(rule, action_of(rule, context.settings),
            "no node of the cluster matches this pod's nodeName, nodeSelector, node affinity, "
            "tolerations and extended resources, so nothing is known of the node it will run on");
  } else if (candidates.usable == 0 && !candidates.usable_template) {
    refuse_candidates(*snapshot.nodes, candidates, context.gpus.resource, out);
  } else {
    add_certain_reasons(*snapshot.nodes, candidates, out);
  }
}

// Pod Security Admission would refuse the supervisor once the pod has it.
void check_namespace(const AdmissionRequest& request, const Snapshot& snapshot, Verdict& out) {
  if (!snapshot.namespaces || snapshot.settings->mode == Mode::kNative) return;
  const auto found = snapshot.namespaces->find(request.namespace_);
  if (found == snapshot.namespaces->end() ||
      found->second.enforced == PodSecurityLevel::kPrivileged) {
    return;
  }
  const RuleDescriptor& rule = rules::namespace_pod_security;
  out.add(rule, action_of(rule, *snapshot.settings),
          "namespace \"" + std::string(request.namespace_) + "\" enforces Pod Security level " +
              std::string(to_string(found->second.enforced)) +
              ", which refuses the CVM's supervisor; have it labelled " +
              std::string(kEnforceLabel) +
              "=privileged: cvm-webhook holds the rest of each pod to a level");
}

// With placement wrap, the workspace is what is, or will be, inside.
void look_inside(const WrapTemplate& wrap, Scratch& scratch, PodContext& context) {
  context.wrapping = &scratch.wrapping.emplace(wrap, context);
  if (context.wrapping->state() == Wrapping::State::kChanged) return;
  const bool is_wrapped = context.wrapping->state() != Wrapping::State::kPlain;
  context.inner = &scratch.inner.emplace(context.pod, *context.workspace, is_wrapped).container();
  context.workspace = context.inner;
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
      out.add(rules::workspace_container, RuleAction::kDeny,
              "the pod has no container to make a CVM of; add the workspace to spec.containers",
              "spec.containers");
    }
    if (!out.is_cvm && !pod.containers.empty()) {
      const PodContext context = context_of(request, pod, &pod.containers.front(), false, snapshot);
      apply_pod_rules(context, is_workspace, stage, scratch.problems, out);
    }
    return std::nullopt;
  }

  PodContext context = context_of(request, pod, workspace, out.is_cvm, snapshot);
  if (out.is_cvm) {
    if (const WrapTemplate* wrap = snapshot.plan->wrap()) look_inside(*wrap, scratch, context);
    context.supervisor = snapshot.plan->find_supervisor(context);
  }
  apply_pod_rules(context, is_workspace, stage, scratch.problems, out);
  if (!out.is_cvm) return std::nullopt;
  judge_runtime_class(snapshot, out);
  check_namespace(request, snapshot, out);
  check_nodes(context, snapshot, scratch.candidates, out);
  if (settings.mode == Mode::kNative) {
    choose_user_namespace(snapshot, scratch.candidates, context, scratch.problems, out);
  }
  if (!out.allowed) return std::nullopt;
  return context;
}

JudgedCreation judge_chosen_creation(const AdmissionRequest& request, const PodView& pod,
                                     const Snapshot& snapshot, Stage stage, Scratch& scratch,
                                     Verdict& out) {
  ProfileChoice choice = choose_profile(request, pod, snapshot);
  const RuleDescriptor& rule = rules::profile_choice;
  const RuleAction action = action_of(rule, *snapshot.settings);
  const auto add_problems = [&] {
    for (Problem& problem : choice.problems) {
      out.add(rule, action, std::move(problem.message), std::move(problem.field));
    }
  };
  if (action == RuleAction::kDeny && !choice.problems.empty()) {
    out.is_cvm = wants_cvm(pod, *choice.snapshot->settings);
    add_problems();
    return {choice.snapshot, std::nullopt};
  }
  JudgedCreation judged{choice.snapshot,
                        judge_creation(request, pod, *choice.snapshot, stage, scratch, out)};
  out.profile = choice.snapshot->plan->profile();
  add_problems();
  return judged;
}

Separation separate_nodes(const PodContext& context, const Snapshot& snapshot,
                          NodeInventory::Candidates& candidates, Verdict& out) {
  const bool is_chosen = !context.pod.node_name.empty();
  if (is_chosen || candidates.total == 0) return {};
  if (context.settings.mode == Mode::kNative) {
    Separation apart = separate_user_namespaces(context, *snapshot.nodes, candidates, out);
    if (apart.kind != Separation::Kind::kNotNeeded) return apart;
  }
  if (context.settings.nodes.mark) return {};
  const std::uint32_t total = candidates.total, unusable = total - candidates.usable;
  Separation apart = snapshot.nodes->separate(context.pod, needs_of(context, snapshot), candidates);
  if (apart.kind == Separation::Kind::kImpossible) {
    const bool is_of_profile = !snapshot.plan->profile().empty();
    out.add(rules::unmarked_nodes, RuleAction::kWarn,
            std::to_string(unusable) + " of the " + std::to_string(total) +
                " nodes that this pod may land on cannot host a CVM, and no node affinity of "
                "reasonable size keeps it off them; give the pod a node selector, or ask your "
                "cluster administrator to " +
                (is_of_profile ? "give the RuntimeClass of this profile one"
                               : "set nodes.mark: true in the settings of cvm-webhook"));
  }
  return apart;
}

}  // namespace cvm
