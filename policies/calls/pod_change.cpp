#include "policies/calls/pod_change.hpp"

#include "policies/calls/break_glass.hpp"
#include "policies/calls/new_findings.hpp"
#include "policies/calls/rule_runner.hpp"
#include "policies/model/pod_view.hpp"
#include "policies/model/workspace.hpp"
#include "policies/mutations/plan.hpp"
#include "policies/profiles/profile_choice.hpp"
#include "policies/scratch.hpp"

namespace cvm {

namespace {

// It passed as the supervisor when the pod was made, and plan-changed keeps it as it was. No
// container that comes later is one.
const Container* supervisor_of(const PodView& pod) {
  const Container* found = find_container(pod, supervisor_name(pod));
  return found != nullptr && found->kind != ContainerKind::kEphemeral ? found : nullptr;
}

void apply_to(const AdmissionRequest& request, const PodView& pod, bool is_cvm,
              const Snapshot& snapshot, Scratch& scratch, Verdict& out) {
  const Container* workspace = workspace_container(pod);
  if (workspace == nullptr && !pod.containers.empty()) workspace = &pod.containers.front();
  if (workspace == nullptr) {  // the API server lets no such pod be
    return scratch.trace.skip_rest(RuleSkip::kNoContainer);
  }
  PodContext context = context_of(request, pod, workspace, is_cvm, snapshot);
  if (is_cvm) context.supervisor = supervisor_of(pod);
  if (is_cvm && pod.annotations.find(kSupervisorAnnotation) && context.supervisor == workspace) {
    context.inner = &scratch.inner.emplace(pod, *workspace, true).container();
    context.workspace = context.inner;
  }
  apply_pod_rules(context, *snapshot.rules,
                  snapshot.settings->workspace_selector.matches(pod.labels), Stage::kFinal, scratch,
                  out);
}

void apply_change_rules(const PodChange& change, bool is_cvm, const ActiveRules& rules,
                        Scratch& scratch, Verdict& out) {
  for (const ActiveRule<PodChangeRule>& active : rules.pod_change_rules()) {
    const PodChangeRule& rule = *active.rule;
    if (!is_cvm || active.action == RuleAction::kOff) {
      scratch.trace.skip(rule, is_cvm ? RuleSkip::kOff : RuleSkip::kNotCvm);
      continue;
    }
    scratch.trace.ask(rule);
    rule.check(change, scratch.problems);
    move_problems(rule, active.action, scratch.problems, out);
  }
}

}  // namespace

bool is_pod_change(const AdmissionRequest& request) {
  return request.operation == Operation::kUpdate && request.resource.group.empty() &&
         request.resource.resource == "pods" && request.pod != nullptr &&
         request.old_pod != nullptr;
}

void judge_pod_change(const AdmissionRequest& request, const Snapshot& cluster, Scratch& scratch,
                      Verdict& out) {
  const PodView& before = *request.old_pod;
  const PodView& after = *request.pod;
  out.is_cvm = is_cvm_pod(before);
  const Snapshot& snapshot = *(out.is_cvm ? profile_of(before, cluster)
                                          : choose_profile(request, before, cluster).snapshot);
  const Settings& settings = *snapshot.settings;
  out.profile = snapshot.plan->profile();
  apply_change_rules({request, before, after, settings}, out.is_cvm, *snapshot.rules, scratch, out);
  Verdict said, said_before;
  apply_to(request, after, out.is_cvm, snapshot, scratch, said);
  if (!said.findings.empty()) {
    const TraceTo nowhere(scratch.trace, nullptr);
    apply_to(request, before, out.is_cvm, snapshot, scratch, said_before);
    add_new_findings(said, said_before, out);
  }
  let_break_glass(request, settings, out);
}

}  // namespace cvm
