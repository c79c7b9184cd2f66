#include "policies/calls/pod_connection.hpp"

#include <fmt/format.h>

#include <optional>

#include "policies/calls/break_glass.hpp"
#include "policies/calls/find_pod.hpp"
#include "policies/calls/rule_runner.hpp"
#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/model/workspace.hpp"
#include "policies/mutations/plan.hpp"
#include "policies/profiles/profile_choice.hpp"
#include "policies/profiles/profiles.hpp"
#include "policies/rules/registry.hpp"
#include "policies/scratch.hpp"

namespace cvm {

namespace {

bool judges_connection(const PodConnectionRule& rule, const AdmissionRequest& request) {
  const std::optional<RuleCall> call = call_of_subresource(request.subresource);
  return call && rule.descriptor.calls.contains(*call);
}

void apply_rules(const AdmissionRequest& request, const KnownPod& pod, const Snapshot& snapshot,
                 Scratch& scratch, Verdict& out) {
  const PodConnection connection{request, pod, *snapshot.settings};
  for (const ActiveRule<PodConnectionRule>& active : snapshot.rules->pod_connection_rules()) {
    const PodConnectionRule& rule = *active.rule;
    if (!judges_connection(rule, request)) continue;
    scratch.trace.ask(rule, active.action);
    if (active.action == RuleAction::kOff) continue;
    rule.check(connection, scratch.problems);
    move_problems(rule, active.action, scratch.problems, out);
  }
}

// Whether a rule could have something to say of a call to a CVM: if not, nobody need be asked.
bool any_rule_speaks(const AdmissionRequest& request, const ActiveRules& rules) {
  const auto active = rules.pod_connection_rules();
  return std::any_of(active.begin(), active.end(), [&](const auto& one) {
    return one.action != RuleAction::kOff && judges_connection(*one.rule, request);
  });
}

// Of whichever profile the CVM is.
bool any_rule_speaks(const AdmissionRequest& request, const Snapshot& snapshot) {
  bool any = false;
  visit_each(snapshot, [&](const Snapshot& each) { any |= any_rule_speaks(request, *each.rules); });
  return any;
}

}  // namespace

bool is_pod_connection(const AdmissionRequest& request) {
  return request.operation == Operation::kConnect && request.resource.group.empty() &&
         request.resource.resource == "pods";
}

void judge_pod_connection(const AdmissionRequest& request, const Snapshot& snapshot,
                          Scratch& scratch, Verdict& out, const PodLookup* lookup) {
  const Settings& settings = *snapshot.settings;
  if (!any_rule_speaks(request, snapshot)) return scratch.trace.skip_rest(RuleSkip::kOff);
  const FoundPod found = find_pod(request, snapshot, lookup);
  switch (found.outcome) {
    case FoundPod::Outcome::kKnown:
      scratch.trace.ask(rules::pod_unknown);
      out.is_cvm = found.pod->is_cvm;
      if (out.is_cvm) {
        const Snapshot& judging = *profile_of(found.pod->profile, snapshot);
        out.profile = judging.plan->profile();
        apply_rules(request, *found.pod, judging, scratch, out);
      }
      scratch.trace.skip_rest(RuleSkip::kNotCvm);
      break;
    case FoundPod::Outcome::kAbsent:
      return scratch.trace.skip_rest(RuleSkip::kAbsentPod);
    case FoundPod::Outcome::kAwaited:
      out.awaits_pod = true;
      out.allowed = false;
      return scratch.trace.skip_rest(RuleSkip::kUnknownPod);
    case FoundPod::Outcome::kUnknown: {
      if (settings.supervisor.placement == Placement::kWrap) {
        out.add(rules::pod_unknown, RuleAction::kDeny,
                "any container could be a supervisor, which users cannot enter, and pods are not "
                "known here; ask your cluster administrator to give cvm-webhook an API server");
        break;
      }
      KnownPod assumed;
      assumed.is_cvm = true;
      assumed.supervisor = kSupervisorName;
      scratch.trace.ask(rules::pod_unknown);
      apply_rules(request, assumed, snapshot, scratch, out);
      break;
    }
    case FoundPod::Outcome::kUnanswered:
      out.add(rules::pod_unknown, RuleAction::kDeny,
              fmt::format("it could not be learnt from the API server whether pod {} is a CVM, "
                          "whose supervisor users cannot enter ({}); try again",
                          quoted(request.name), found.failure));
      break;
  }
  scratch.trace.skip_rest(RuleSkip::kUnknownPod);
  let_break_glass(request, settings, out);
}

}  // namespace cvm
