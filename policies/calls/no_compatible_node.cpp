#include "policies/calls/no_compatible_node.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

// Of a headline, and of the findings after it. The reasons of most nodes come first.
constexpr std::size_t kMostSummaries = 6;
constexpr std::size_t kMostReasons = 20;

struct Group {
  const RuleDescriptor* rule;
  const NodeSummary* summary;
  bool gpu_pods_only;
  std::uint32_t nodes;
  std::uint32_t first;  // of its reasons

  bool is_of(const NodeReason& reason) const {
    return rule == reason.rule && summary->what == reason.summary.what &&
           summary->advice == reason.summary.advice;
  }
};

// A node breaks a rule in one way, so the nodes of one rule's reasons can be added up.
std::vector<Group> group_reasons(const NodeInventory& nodes,
                                 const std::vector<NodeInventory::ReasonCount>& counts) {
  std::vector<Group> groups;
  for (const NodeInventory::ReasonCount& count : counts) {
    const NodeReason& reason = nodes.reasons()[count.reason];
    const auto known = std::find_if(groups.begin(), groups.end(),
                                    [&](const Group& group) { return group.is_of(reason); });
    if (known != groups.end()) {
      known->nodes += count.nodes;
    } else {
      groups.push_back(
          {reason.rule, &reason.summary, reason.gpu_pods_only, count.nodes, count.reason});
    }
  }
  std::sort(groups.begin(), groups.end(), [](const Group& one, const Group& other) {
    return one.nodes != other.nodes ? one.nodes > other.nodes : one.first < other.first;
  });
  return groups;
}

std::string kind_of(const NodeInventory::Candidates& candidates) {
  return candidates.of_templates ? "node template" : "node";
}

std::string begin_headline(const NodeInventory::Candidates& candidates) {
  const std::string kind = kind_of(candidates);
  if (candidates.total == 1)
    return fmt::format("the only {} this pod may land on cannot host a CVM: ", kind);
  return fmt::format("none of the {} {}s this pod may land on can host a CVM: ", candidates.total,
                     kind);
}

std::string headline(const std::vector<Group>& groups, const NodeInventory::Candidates& candidates,
                     std::string_view gpu_resource) {
  std::string text = begin_headline(candidates);
  const std::size_t shown = std::min(groups.size(), kMostSummaries);
  for (std::size_t each = 0; each < shown; ++each) {
    const Group& group = groups[each];
    if (each > 0) text += ", ";
    if (candidates.total > 1) text += std::to_string(group.nodes) + " ";
    if (candidates.total == 1 && each == 0) text += "it ";
    text.append(group.summary->verb_for(group.nodes)).append(" ").append(group.summary->what);
    if (group.gpu_pods_only) text.append(" and the pod asks for ").append(gpu_resource);
    text.append(" (").append(group.summary->advice).append(")");
  }
  if (shown < groups.size()) {
    text += fmt::format(", and {} more reasons", groups.size() - shown);
  }
  return text;
}

std::string count_of(std::uint32_t some, const NodeInventory::Candidates& candidates) {
  return fmt::format(" (holds for {} of {} {}{}", some, candidates.total, kind_of(candidates),
                     candidates.total == 1 ? ")" : "s)");
}

}  // namespace

void refuse_candidates(const NodeInventory& nodes, const NodeInventory::Candidates& candidates,
                       std::string_view gpu_resource, Verdict& out) {
  std::vector<NodeInventory::ReasonCount> counts;
  for (const NodeInventory::ReasonCount& count : candidates.reasons) {
    if (nodes.reasons()[count.reason].action == RuleAction::kDeny) counts.push_back(count);
  }
  out.add(rules::no_compatible_node, RuleAction::kDeny,
          headline(group_reasons(nodes, counts), candidates, gpu_resource));

  const std::size_t all = counts.size();
  if (all > kMostReasons) {
    // The most frequent ones, in the order of the registry again.
    std::nth_element(counts.begin(), counts.begin() + kMostReasons, counts.end(),
                     [](const auto& one, const auto& other) {
                       return one.nodes != other.nodes ? one.nodes > other.nodes
                                                       : one.reason < other.reason;
                     });
    counts.resize(kMostReasons);
    std::sort(counts.begin(), counts.end(),
              [](const auto& one, const auto& other) { return one.reason < other.reason; });
  }
  for (std::size_t each = 0; each < counts.size(); ++each) {
    const NodeReason& reason = nodes.reasons()[counts[each].reason];
    std::string message = reason.message + count_of(counts[each].nodes, candidates);
    if (each + 1 == counts.size() && all > counts.size()) {
      message +=
          fmt::format("; {} more reasons are shown by `cvm-webhook nodes`", all - counts.size());
    }
    out.add(*reason.rule, RuleAction::kDeny, std::move(message));
  }
}

}  // namespace cvm
