#include "policies/rules/rule_relevance.hpp"

#include <algorithm>
#include <span>

#include "policies/rules/registry.hpp"

namespace cvm {
namespace {

constexpr const char* kNoCvm = "the pod is not to be a CVM";
constexpr const char* kNothingOfNodes = "nothing is known of nodes";
constexpr const char* kEndedEarly = "it judges the final pod, and this one was refused before";

template <typename Rule>
const Rule* find(std::span<const Rule* const> rules, std::string_view id) {
  const auto found = std::find_if(rules.begin(), rules.end(),
                                  [id](const Rule* rule) { return rule->descriptor.id == id; });
  return found == rules.end() ? nullptr : *found;
}

std::string why_not_in_scope(const PodRule& rule, const JudgedCall& call) {
  if (rule.scope == Scope::kCvm && !call.is_cvm) return kNoCvm;
  if (rule.scope == Scope::kWorkspace && !call.is_workspace) {
    return "the settings do not select the pod as a workspace";
  }
  return "";
}

std::string why_pod_rule_skipped(const PodRule& rule, const JudgedCall& call) {
  if (std::string why = why_not_in_scope(rule, call); !why.empty()) return why;
  const bool judges_final = rule.level != PodSecurityLevel::kPrivileged;
  if (action_of(rule, call.settings) == RuleAction::kOff) {
    return judges_final ? "the settings hold pods to no such level (isolation.podSecurity)"
                        : "the settings have it off (rules)";
  }
  if (judges_final && call.ended_early) return kEndedEarly;
  const PodRule* const other = rule.covered_by;
  if (other != nullptr && why_not_in_scope(*other, call).empty() &&
      action_of(*other, call.settings) == RuleAction::kDeny) {
    return "rule " + std::string(other->descriptor.id) + " says the same and more";
  }
  return "";
}

std::string why_node_rule_skipped(const NodeRule& rule, const JudgedCall& call) {
  if (!call.is_cvm) return kNoCvm;
  if (!call.knows_nodes) return kNothingOfNodes;
  if (!call.has_candidates) return "the pod may land on no node that is known";
  return rule.gpu_pods_only && !call.requests_gpu ? "the pod requests no GPU" : "";
}

// Of the rules that the engine applies itself.
std::string why_other_skipped(std::string_view rule, const JudgedCall& call) {
  if (rule == rules::namespace_label.id) return "";
  if (rule == rules::profile_choice.id) {
    return call.has_profiles ? "" : "the settings have no profiles";
  }
  if (!call.is_cvm) return kNoCvm;
  if (rule == rules::no_candidate_node.id) return call.knows_nodes ? "" : kNothingOfNodes;
  if (rule == rules::namespace_pod_security.id) {
    if (call.settings.mode == Mode::kNative) return "in mode native there is no supervisor";
    return call.enforces_pod_security ? ""
                                      : "no Pod Security level of the pod's namespace is known";
  }
  if (rule == rules::user_namespace_stale.id || rule == rules::user_namespace_mixed.id) {
    return call.settings.mode == Mode::kNative ? "" : "the mode is not native";
  }
  return rule == rules::plan_incomplete.id && call.ended_early ? kEndedEarly : "";
}

}  // namespace

std::string why_skipped(std::string_view rule, const JudgedCall& call) {
  const RuleCalls calls = find_rule(rule)->calls;
  if (!call.call || !calls.contains(*call.call)) {
    std::string judged;
    for (const RuleCall each : kRuleCalls) {
      if (!calls.contains(each)) continue;
      judged.append(judged.empty() ? "" : ", ").append(to_string(each));
    }
    return "it judges other calls: " + judged;
  }
  if (const PodRule* pod_rule = find(pod_rules(), rule)) {
    return why_pod_rule_skipped(*pod_rule, call);
  }
  if (action_of(*find_rule(rule), call.settings) == RuleAction::kOff) {
    return "the settings have it off (rules)";
  }
  const bool is_creation =
      *call.call == RuleCall::kPodCreation || *call.call == RuleCall::kPodTemplate;
  if (!is_creation) {
    return call.is_cvm || *call.call == RuleCall::kNamespaceChange ? "" : "the pod is no CVM";
  }
  if (const NodeRule* node_rule = find(node_rules(), rule)) {
    return why_node_rule_skipped(*node_rule, call);
  }
  return why_other_skipped(rule, call);
}

}  // namespace cvm
