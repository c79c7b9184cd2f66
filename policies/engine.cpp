#include "policies/engine.hpp"

#include <optional>
#include <string>
#include <utility>

#include "policies/binding.hpp"
#include "policies/model/workspace.hpp"
#include "policies/no_compatible_node.hpp"
#include "policies/runtime_class.hpp"

namespace cvm {

namespace {

// Findings that no rule of the registry gives.
constexpr std::string_view kNodesStale = "nodes-stale";
constexpr std::string_view kPlanIncomplete = "plan-incomplete";
constexpr std::string_view kUnmarkedNodes = "unmarked-nodes";

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

// The pod whose creation is asked for, or null for every other call.
const PodView* created_pod(const AdmissionRequest& request) {
  const bool creates_pod = request.operation == Operation::kCreate &&
                           request.resource.group.empty() && request.resource.version == "v1" &&
                           request.resource.resource == "pods" && request.subresource.empty();
  return creates_pod ? request.pod : nullptr;
}

bool wants_cvm(const PodView& pod, const Settings& settings) {
  const auto label = pod.labels.find(kCvmLabel);
  if (label == "true") return true;
  if (label == "false") return false;
  return settings.default_to_cvm;
}

void move_problems(std::string_view rule, RuleAction action, Problems& problems, Verdict& out) {
  for (Problem& problem : problems) {
    out.add({rule, action, std::move(problem.message), std::move(problem.field)});
  }
  problems.clear();
}

void apply_pod_rules(const PodContext& context, Problems& problems, Verdict& out) {
  for (const PodRule& rule : pod_rules()) {
    if (!out.is_cvm && !rule.every_workspace) continue;
    const RuleAction action = action_of(rule.descriptor, context.settings);
    if (action == RuleAction::kOff) continue;
    rule.check(context, problems);
    move_problems(rule.descriptor.id, action, problems, out);
  }
}

// Warnings and audits that hold on whichever node the pod lands.
void add_certain_reasons(const NodeInventory& nodes, const NodeInventory::Candidates& candidates,
                         Verdict& out) {
  if (candidates.usable == 0) return;  // it is to land on a node that is not there yet
  for (const NodeInventory::ReasonCount& count : candidates.reasons) {
    const NodeReason& reason = nodes.reasons()[count.reason];
    if (reason.action == RuleAction::kDeny || count.usable != candidates.usable) continue;
    out.add({reason.rule, reason.action, reason.message, ""});
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
  out.add({kNodesStale, action,
           what + ", so the pod may land where it cannot run; try again later, or ask your "
                  "cluster administrator to look at /readyz?verbose of cvm-webhook",
           ""});
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
    const RuleDescriptor& rule = no_candidate_node_rule();
    out.add({rule.id, action_of(rule, context.settings),
             "no node of the cluster matches this pod's nodeName, nodeSelector, node affinity, "
             "tolerations and extended resources, so nothing is known of the node it will run on",
             ""});
  } else if (candidates.usable == 0 && !candidates.usable_template) {
    refuse_candidates(*snapshot.nodes, candidates, context.gpus.resource, out);
  } else {
    add_certain_reasons(*snapshot.nodes, candidates, out);
  }
}

// How to keep the pod off the candidates that cannot host it: by an affinity, where no mark does.
// `candidates` are as check_nodes() left them.
Separation separate_nodes(const PodContext& context, const Snapshot& snapshot,
                          NodeInventory::Candidates& candidates, Verdict& out) {
  const bool is_chosen = !context.pod.node_name.empty();
  if (context.settings.nodes.mark || is_chosen || candidates.total == 0) return {};
  const std::uint32_t total = candidates.total, unusable = total - candidates.usable;
  Separation apart = snapshot.nodes->separate(context.pod, needs_of(context, snapshot), candidates);
  if (apart.kind == Separation::Kind::kImpossible) {
    out.add({kUnmarkedNodes, RuleAction::kWarn,
             std::to_string(unusable) + " of the " + std::to_string(total) +
                 " nodes that this pod may land on cannot host a CVM, and no node affinity of "
                 "reasonable size keeps it off them; give the pod a node selector, or ask your "
                 "cluster administrator to set nodes.mark: true in the settings of cvm-webhook",
             ""});
  }
  return apart;
}

// Fills in `out` but for the patch. Returns what the plan is rendered from when the pod is to be,
// or is, a CVM and nothing refused it.
std::optional<PodContext> judge(const AdmissionRequest& request, const Snapshot& snapshot,
                                Scratch& scratch, Verdict& out) {
  out.clear();
  scratch.problems.clear();
  scratch.candidates.clear();
  const PodView* pod = created_pod(request);
  const Settings& settings = *snapshot.settings;
  if (pod == nullptr || !settings.workspace_selector.matches(pod->labels)) return std::nullopt;

  out.is_cvm = settings.enabled && wants_cvm(*pod, settings);
  const Container* workspace = workspace_container(*pod);
  if (workspace == nullptr) {
    // The API server itself refuses a pod without containers, so only a CVM is of interest here.
    if (out.is_cvm) {
      out.add({"workspace-container", RuleAction::kDeny,
               "the pod has no container to make a CVM of; add the workspace to spec.containers",
               "spec.containers"});
    }
    return std::nullopt;
  }

  PodContext context{.request = request,
                     .pod = *pod,
                     .settings = settings,
                     .plan = *snapshot.plan,
                     .workspace = workspace,
                     .gpus = gpu_requests(*pod, settings.compatibility)};
  if (out.is_cvm) context.supervisor = snapshot.plan->find_supervisor(context);
  apply_pod_rules(context, scratch.problems, out);
  if (!out.is_cvm) return std::nullopt;
  judge_runtime_class(snapshot, out);
  check_nodes(context, snapshot, scratch.candidates, out);
  if (!out.allowed) return std::nullopt;
  return context;
}

void mutate_by(const AdmissionRequest& request, const Snapshot& snapshot, Scratch& scratch,
               Verdict& out) {
  const auto context = judge(request, snapshot, scratch, out);
  if (!context) return;
  snapshot.plan->describe_gaps(*context, true, scratch.problems);
  move_problems(kPlanIncomplete, RuleAction::kDeny, scratch.problems, out);
  if (!out.allowed) return;
  const Separation apart = separate_nodes(*context, snapshot, scratch.candidates, out);
  snapshot.plan->render_patch(*context, apart, out.patch);
}

void validate_by(const AdmissionRequest& request, const Snapshot& snapshot, Scratch& scratch,
                 Verdict& out) {
  const auto context = judge(request, snapshot, scratch, out);
  if (!context) return;
  snapshot.plan->describe_gaps(*context, false, scratch.problems);
  move_problems(kPlanIncomplete, RuleAction::kDeny, scratch.problems, out);
}

}  // namespace

Snapshot make_snapshot(Settings settings) {
  Snapshot snapshot;
  snapshot.plan = std::make_shared<const PlanTemplate>(settings);
  snapshot.settings = std::make_shared<const Settings>(std::move(settings));
  return snapshot;
}

void mutate(const AdmissionRequest& request, const Snapshot& snapshot, Scratch& scratch,
            Verdict& out) {
  mutate_by(request, snapshot, scratch, out);
  if (out.allowed || !snapshot.previous) return;
  Verdict before;
  mutate_by(request, *snapshot.previous, scratch, before);
  if (before.allowed && before.is_cvm && before.patch.empty()) out = std::move(before);
}

void validate(const AdmissionRequest& request, const Snapshot& snapshot, Scratch& scratch,
              Verdict& out) {
  if (is_binding(request)) return judge_binding(request, snapshot, scratch, out);
  validate_by(request, snapshot, scratch, out);
  if (out.allowed || !snapshot.previous) return;
  Verdict before;
  validate_by(request, *snapshot.previous, scratch, before);
  if (before.allowed) out = std::move(before);
}

}  // namespace cvm
