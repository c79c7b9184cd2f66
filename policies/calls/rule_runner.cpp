#include "policies/calls/rule_runner.hpp"

#include <utility>

#include "policies/rules/registry.hpp"

namespace cvm {

namespace {

bool judges(const PodRule& rule, const PodContext& context, bool is_workspace) {
  switch (rule.scope) {
    case Scope::kCvm:
      return context.is_cvm;
    case Scope::kWorkspace:
      return is_workspace;
    case Scope::kPod:
      break;
  }
  return true;
}

bool is_covered(const PodRule& rule, const PodContext& context, bool is_workspace) {
  return rule.covered_by != nullptr && judges(*rule.covered_by, context, is_workspace) &&
         action_of(*rule.covered_by, context.settings) == RuleAction::kDeny;
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
            "and at least " + std::to_string(problems.left_out()) + " more of the same kind");
  }
  problems.clear();
}

void apply_pod_rules(const PodContext& context, bool is_workspace, Stage stage, Problems& problems,
                     Verdict& out) {
  for (const PodRule* rule : pod_rules()) {
    if (stage == Stage::kEarly && rule->level != PodSecurityLevel::kPrivileged) continue;
    if (!judges(*rule, context, is_workspace)) continue;
    const RuleAction action = action_of(*rule, context.settings);
    if (action == RuleAction::kOff || is_covered(*rule, context, is_workspace)) continue;
    rule->check(context, problems);
    move_problems(*rule, action, problems, out);
  }
}

}  // namespace cvm
