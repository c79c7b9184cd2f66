#include "policies/calls/rule_runner.hpp"

#include <fmt/format.h>

#include <utility>

#include "policies/model/pod_view.hpp"
namespace cvm {

namespace {

bool judges(Scope scope, const PodContext& context, bool is_workspace) {
  switch (scope) {
    case Scope::kCvm:
      return context.is_cvm;
    case Scope::kWorkspace:
      return is_workspace;
    case Scope::kPod:
      break;
  }
  return true;
}

// kNone: the rule is to be asked.
RuleSkip why_skipped(const ActivePodRule& active, const PodContext& context, bool is_workspace,
                     Stage stage) {
  const PodRule& rule = *active.rule;
  const bool judges_final = rule.level != PodSecurityLevel::kPrivileged;
  if (!judges(rule.scope, context, is_workspace)) {
    return rule.scope == Scope::kCvm ? RuleSkip::kNoCvm : RuleSkip::kNoWorkspace;
  }
  if (active.action == RuleAction::kOff) return judges_final ? RuleSkip::kNoLevel : RuleSkip::kOff;
  if (judges_final && stage == Stage::kEarly) return RuleSkip::kFinalPod;
  const bool is_covered = active.covered && judges(*active.covered, context, is_workspace);
  return is_covered ? RuleSkip::kCovered : RuleSkip::kNone;
}

}  // namespace

PodContext context_of(const AdmissionRequest& request, const PodView& pod,
                      const Container* workspace, bool is_cvm, const Snapshot& snapshot) {
  return {.request = request,
          .pod = pod,
          .settings = *snapshot.settings,
          .plan = *snapshot.plan,
          .workspace = workspace,
          .gpus = gpu_requests(pod, snapshot.settings->compatibility),
          .is_cvm = is_cvm,
          .host_volumes = snapshot.host_volumes.get()};
}

void move_problems(const RuleDescriptor& rule, RuleAction action, Problems& problems,
                   Verdict& out) {
  for (Problem& problem : problems) {
    out.add(rule, action, std::move(problem.message), std::move(problem.field));
  }
  if (problems.left_out() > 0) {
    out.add(rule, action,
            fmt::format("and at least {} more of the same kind", problems.left_out()));
  }
  problems.clear();
}

void apply_pod_rules(const PodContext& context, const ActiveRules& rules, bool is_workspace,
                     Stage stage, Scratch& scratch, Verdict& out) {
  for (const ActivePodRule& active : rules.pod_rules()) {
    const RuleSkip why = why_skipped(active, context, is_workspace, stage);
    if (why != RuleSkip::kNone) {
      scratch.trace.skip(*active.rule, why);
      continue;
    }
    scratch.trace.ask(*active.rule);
    active.rule->check(context, scratch.problems);
    move_problems(*active.rule, active.action, scratch.problems, out);
  }
}

void trace_node_rules(const ActiveRules& rules, bool requests_gpu, RuleSkip why, TracePen trace) {
  if (!trace) return;
  for (const ActiveRule<NodeRule>& active : rules.node_rules()) {
    const NodeRule& rule = *active.rule;
    if (active.action == RuleAction::kOff) {
      trace.skip(rule, RuleSkip::kOff);
    } else if (why != RuleSkip::kNone) {
      trace.skip(rule, why);
    } else if (rule.gpu_pods_only && !requests_gpu) {
      trace.skip(rule, RuleSkip::kNoGpu);
    } else {
      trace.ask(rule);
    }
  }
}

}  // namespace cvm
