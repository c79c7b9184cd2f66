#include "policies/rules/rule_calls.hpp"

#include <algorithm>
#include <array>

#include "policies/rules/registry.hpp"

namespace cvm {
namespace {

struct Words {
  std::string_view name, description;
};

// Indexed by RuleCall.
constexpr std::array<Words, 9> kWords{{
    {"pod-creation", "the creation of a pod"},
    {"pod-template", "a Deployment, Job or other object that makes pods (isolation.templates)"},
    {"pod-change", "the change of a pod"},
    {"exec", "exec into a pod"},
    {"attach", "attach to a pod"},
    {"port-forward", "port forwarding to a pod"},
    {"proxy", "the API server's proxy to a pod"},
    {"binding", "the binding of a pod to a node"},
    {"namespace-change", "the change of a namespace"},
}};

struct Subresource {
  std::string_view name;
  RuleCall call;
};
// Rules about pods that binding.cpp applies too: a binding brings labels and annotations of its
// own, and the node of volumes that were claimed meanwhile.
constexpr std::array<std::string_view, 5> kOfBindings = {"cvm-opt-out", "host-volume", "mirror-pod",
                                                         "plan-changed", "volume-id-mapping"};
constexpr std::array<Subresource, 4> kSubresources{{{"exec", RuleCall::kExec},
                                                    {"attach", RuleCall::kAttach},
                                                    {"portforward", RuleCall::kPortForward},
                                                    {"proxy", RuleCall::kProxy}}};

template <typename Rule>
const Rule* find_in(std::span<const Rule> rules, std::string_view id) {
  const auto found = std::find_if(rules.begin(), rules.end(),
                                  [id](const Rule& rule) { return rule.descriptor.id == id; });
  return found == rules.end() ? nullptr : &*found;
}

std::vector<RuleCall> calls_of_connection(const PodConnectionRule& rule) {
  std::vector<RuleCall> calls;
  for (const Subresource& each : kSubresources) {
    const auto& judged = rule.subresources;
    if (std::find(judged.begin(), judged.end(), each.name) != judged.end()) {
      calls.push_back(each.call);
    }
  }
  return calls;
}

std::vector<RuleCall> calls_but_bindings_of(std::string_view rule_id) {
  using enum RuleCall;
  if (find_in(pod_rules(), rule_id) != nullptr) return {kPodCreation, kPodTemplate, kPodChange};
  if (find_in(node_rules(), rule_id) != nullptr) return {kPodCreation, kPodTemplate, kBinding};
  if (find_in(pod_change_rules(), rule_id) != nullptr) return {kPodChange};
  if (const auto* rule = find_in(pod_connection_rules(), rule_id))
    return calls_of_connection(*rule);
  if (rule_id == namespace_label_rule().id) return {kNamespaceChange};
  // What comes after these is about the pod as it will be; a template has none.
  if (rule_id == plan_incomplete_rule().id || rule_id == user_namespace_mixed_rule().id) {
    return {kPodCreation};
  }
  return find_rule(rule_id) == nullptr ? std::vector<RuleCall>()
                                       : std::vector<RuleCall>{kPodCreation, kPodTemplate};
}

}  // namespace

std::string_view to_string(RuleCall call) { return kWords[static_cast<std::size_t>(call)].name; }

std::string_view describe(RuleCall call) {
  return kWords[static_cast<std::size_t>(call)].description;
}

std::optional<RuleCall> call_of_subresource(std::string_view subresource) {
  for (const Subresource& each : kSubresources) {
    if (each.name == subresource) return each.call;
  }
  return std::nullopt;
}

std::vector<RuleCall> calls_of(std::string_view rule_id) {
  std::vector<RuleCall> calls = calls_but_bindings_of(rule_id);
  if (std::find(kOfBindings.begin(), kOfBindings.end(), rule_id) != kOfBindings.end()) {
    calls.push_back(RuleCall::kBinding);
  }
  return calls;
}

}  // namespace cvm
