#include "policies/rules/rule_trace.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "policies/rules/registry.hpp"

namespace cvm {
namespace {

// Indexed by RuleSkip.
constexpr std::array<std::string_view, 35> kWords{{
    "",
    "",  // kOtherCall, by the rule
    "an admission policy of the cluster judges it",
    "the settings have it off (rules)",
    "the settings hold pods to no such level (isolation.podSecurity)",
    "the settings have it off (nodes.staleAction)",
    "the settings have it off (isolation.templates)",
    "the pod is not to be a CVM",
    "the pod is no CVM",
    "the settings do not select the pod as a workspace",
    "the pod has no container",
    "",  // kCovered, by the rule
    "the settings have no profiles",
    "no profile could be chosen",
    "it judges the final pod, and this one was refused before",
    "it judges the pod before it is changed",
    "the pod was refused before",
    "nothing is known of nodes",
    "what is known of nodes is too old",
    "the pod may land on no node that is known",
    "the pod may land on nodes that are known",
    "the pod names its node (spec.nodeName)",
    "nodes are marked (nodes.mark)",
    "a node affinity keeps the pod off the other nodes already",
    "the pod requests no GPU",
    "in mode native there is no supervisor",
    "the mode is not native",
    "no Pod Security level of the pod's namespace is known",
    "the RuntimeClass is not known",
    "the RuntimeClass does not exist",
    "the API server itself refuses pods without their RuntimeClass",
    "there is no such pod",
    "it is not known what the pod is",
    "the binding brings no labels and no annotations",
    "nothing is known of volumes",
}};
static_assert(kWords.size() == static_cast<std::size_t>(RuleSkip::kUnknownVolumes) + 1);

// Whether the rule's turn did not come, rather than that it has no say.
bool is_unreached(RuleSkip why) {
  switch (why) {
    case RuleSkip::kNoProfile:
    case RuleSkip::kFinalPod:
    case RuleSkip::kFirstPod:
    case RuleSkip::kRefusedBefore:
    case RuleSkip::kUnknownPod:
      return true;
    default:
      return false;
  }
}

std::string other_calls(const RuleDescriptor& rule) {
  std::string judged;
  for (const RuleCall each : kRuleCalls) {
    if (!rule.calls.contains(each)) continue;
    judged.append(judged.empty() ? "" : ", ").append(to_string(each));
  }
  return fmt::format("it judges other calls: {}", judged);
}

std::string covering(const RuleDescriptor& rule) {
  for (const PodRule* each : pod_rules()) {
    if (&each->descriptor != &rule || each->covered_by == nullptr) continue;
    return fmt::format("rule {} says the same and more", each->covered_by->descriptor.id);
  }
  return {};
}

std::size_t position_of(std::string_view id) {
  const auto all = all_rules();
  const auto found = std::lower_bound(
      all.begin(), all.end(), id,
      [](const RuleDescriptor* rule, std::string_view wanted) { return rule->id < wanted; });
  return static_cast<std::size_t>(found - all.begin());
}

}  // namespace

void RuleTrace::begin(std::optional<RuleCall> call) {
  const auto all = all_rules();
  entries_.assign(all.size(), Entry());
  for (std::size_t at = 0; at < all.size(); ++at) {
    const RuleDescriptor& rule = *all[at];
    if (rule.by_admission_policy) {
      entries_[at] = {RuleUse::kSkipped, RuleSkip::kAdmissionPolicy};
    } else if (!call || !rule.calls.contains(*call)) {
      entries_[at] = {RuleUse::kSkipped, RuleSkip::kOtherCall};
    }
  }
}

RuleTrace::Entry& RuleTrace::at(const RuleDescriptor& rule) {
  return entries_[position_of(rule.id)];
}

void RuleTrace::ask(const RuleDescriptor& rule) { at(rule) = {RuleUse::kPassed, RuleSkip::kNone}; }

void RuleTrace::skip(const RuleDescriptor& rule, RuleSkip why) {
  if (at(rule).skip == RuleSkip::kOtherCall) return;
  at(rule) = {is_unreached(why) ? RuleUse::kNotReached : RuleUse::kSkipped, why};
}

void RuleTrace::skip_rest(RuleSkip why) {
  const RuleUse use = is_unreached(why) ? RuleUse::kNotReached : RuleUse::kSkipped;
  for (Entry& entry : entries_) {
    const bool is_open =
        entry.use == RuleUse::kNotReached && entry.skip == RuleSkip::kRefusedBefore;
    if (is_open) entry = {use, why};
  }
}

void RuleTrace::end(const Verdict& verdict) {
  for (const Finding& finding : verdict.findings) {
    entries_[position_of(finding.rule)] = {RuleUse::kFound, RuleSkip::kNone};
  }
}

RuleTrace::Entry RuleTrace::of(const RuleDescriptor& rule) const {
  return entries_.empty() ? Entry() : entries_[position_of(rule.id)];
}

std::string RuleTrace::why_not_asked(const RuleDescriptor& rule) const {
  switch (const RuleSkip why = of(rule).skip) {
    case RuleSkip::kOtherCall:
      return other_calls(rule);
    case RuleSkip::kCovered:
      return covering(rule);
    default:
      return std::string(kWords[static_cast<std::size_t>(why)]);
  }
}

void RuleTrace::join(const RuleTrace& later) {
  if (entries_.empty()) entries_ = later.entries_;
  for (std::size_t each = 0; each < later.entries_.size(); ++each) {
    if (later.entries_[each].use >= entries_[each].use) entries_[each] = later.entries_[each];
  }
}

}  // namespace cvm
