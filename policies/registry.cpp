#include "policies/registry.hpp"

#include <algorithm>

#include "policies/rules/rules.hpp"

namespace cvm {

std::span<const PodRule> pod_rules() {
  static const std::vector<PodRule> rules = {
      kCvmDisabled,             //
      kCvmLabelRule,            //
      kWorkspaceContainer,      //
      kReservedName,            //
      kRuntimeClassConflict,    //
      kHostNamespaces,          //
      kSharedProcessNamespace,  //
      kPrivilegedWorkspace,     //
      kGpuVendor,               //
      kGpuCaching,              //
      kGpuBeta,                 //
      kTmpMount,
  };
  return rules;
}

std::span<const NodeRule> node_rules() {
  static const std::vector<NodeRule> rules = {
      kNodeOs,                 //
      kNodeArchitecture,       //
      kNodeKubernetesVersion,  //
      kNodeSelinux,            //
      kNodeKernel,             //
      kNodeShiftfs,            //
      kGpuCloud,
  };
  return rules;
}

const RuleDescriptor& no_candidate_node_rule() {
  static constexpr RuleDescriptor kRule{.id = "no-candidate-node",
                                        .summary = "No node that the pod may land on is known",
                                        .default_action = RuleAction::kWarn};
  return kRule;
}

std::span<const RuleDescriptor> all_rules() {
  static const std::vector<RuleDescriptor> sorted = [] {
    std::vector<RuleDescriptor> rules;
    for (const PodRule& rule : pod_rules()) rules.push_back(rule.descriptor);
    for (const NodeRule& rule : node_rules()) rules.push_back(rule.descriptor);
    rules.push_back(no_candidate_node_rule());
    std::sort(
        rules.begin(), rules.end(),
        [](const RuleDescriptor& left, const RuleDescriptor& right) { return left.id < right.id; });
    return rules;
  }();
  return sorted;
}

const RuleDescriptor* find_rule(std::string_view id) {
  const auto rules = all_rules();
  const auto found = std::find_if(rules.begin(), rules.end(),
                                  [id](const RuleDescriptor& rule) { return rule.id == id; });
  return found == rules.end() ? nullptr : &*found;
}

RuleAction action_of(const RuleDescriptor& rule, const Settings& settings) {
  const auto chosen = settings.rules.find(rule.id);
  return chosen == settings.rules.end() ? rule.default_action : chosen->second;
}

}  // namespace cvm
