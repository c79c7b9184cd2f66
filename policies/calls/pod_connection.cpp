#include "policies/calls/pod_connection.hpp"

#include <optional>

#include "policies/calls/break_glass.hpp"
#include "policies/calls/find_pod.hpp"
#include "policies/calls/rule_runner.hpp"
#include "policies/model/workspace.hpp"
#include "policies/profiles/profile_choice.hpp"
#include "policies/profiles/profiles.hpp"
#include "policies/rules/registry.hpp"

namespace cvm {

namespace {

bool judges_connection(const PodConnectionRule& rule, const AdmissionRequest& request) {
  const std::optional<RuleCall> call = call_of_subresource(request.subresource);
  return call && rule.descriptor.calls.contains(*call);
}

void apply_rules(const AdmissionRequest& request, const KnownPod& pod, const Settings& settings,
                 Problems& problems, Verdict& out) {
  const PodConnection connection{request, pod, settings};
  for (const PodConnectionRule* rule : pod_connection_rules()) {
    const RuleAction action = action_of(*rule, settings);
    if (action == RuleAction::kOff || !judges_connection(*rule, request)) continue;
    rule->check(connection, problems);
    move_problems(*rule, action, problems, out);
  }
}

// Whether a rule could have something to say of a call to a CVM: if not, nobody need be asked.
bool any_rule_speaks(const AdmissionRequest& request, const Settings& settings) {
  for (const PodConnectionRule* rule : pod_connection_rules()) {
    if (judges_connection(*rule, request) && action_of(*rule, settings) != RuleAction::kOff) {
      return true;
    }
  }
  return false;
}

// Of whichever profile the CVM is.
bool any_rule_speaks(const AdmissionRequest& request, const Snapshot& snapshot) {
  bool any = false;
  visit_each(snapshot,
             [&](const Snapshot& each) { any |= any_rule_speaks(request, *each.settings); });
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
  if (!any_rule_speaks(request, snapshot)) return;
  const FoundPod found = find_pod(request, snapshot, lookup);
  switch (found.outcome) {
    case FoundPod::Outcome::kKnown:
      out.is_cvm = found.pod->is_cvm;
      if (out.is_cvm) {
        const Snapshot& judging = *profile_of(found.pod->profile, snapshot);
        out.profile = judging.plan->profile();
        apply_rules(request, *found.pod, *judging.settings, scratch.problems, out);
      }
      break;
    case FoundPod::Outcome::kAbsent:
      return;
    case FoundPod::Outcome::kAwaited:
      out.awaits_pod = true;
      out.allowed = false;
      return;
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
      apply_rules(request, assumed, settings, scratch.problems, out);
      break;
    }
    case FoundPod::Outcome::kUnanswered:
      out.add(rules::pod_unknown, RuleAction::kDeny,
              "it could not be learnt from the API server whether pod \"" +
                  std::string(request.name) + "\" is a CVM, whose supervisor users cannot enter (" +
                  found.failure + "); try again");
      break;
  }
  let_break_glass(request, settings, out);
}

}  // namespace cvm
