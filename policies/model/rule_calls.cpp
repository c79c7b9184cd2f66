#include "policies/model/rule_calls.hpp"

#include <array>
#include <cstddef>
#include <utility>

namespace cvm {
namespace {

struct CallWords {
  std::string_view name, description;
};

// Indexed by RuleCall.
constexpr std::array<CallWords, std::size(kRuleCalls)> kCallWords{{
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

constexpr std::pair<std::string_view, RuleCall> kCallsBySubresource[] = {
    {"exec", RuleCall::kExec},
    {"attach", RuleCall::kAttach},
    {"portforward", RuleCall::kPortForward},
    {"proxy", RuleCall::kProxy}};

}  // namespace

std::string_view to_string(RuleCall call) {
  return kCallWords[static_cast<std::size_t>(call)].name;
}

std::string_view describe(RuleCall call) {
  return kCallWords[static_cast<std::size_t>(call)].description;
}

std::optional<RuleCall> call_of_subresource(std::string_view subresource) {
  for (const auto& [name, call] : kCallsBySubresource) {
    if (name == subresource) return call;
  }
  return std::nullopt;
}

}  // namespace cvm
