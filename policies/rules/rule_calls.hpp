// RuleCall: the calls of the API server in which a rule has a say.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace cvm {

enum class RuleCall {
  kPodCreation,
  kPodTemplate,  // of a Deployment, Job...: what its pods would be refused for
  kPodChange,    // also of status, ephemeral containers and resize
  kExec,
  kAttach,
  kPortForward,
  kProxy,
  kBinding,
  kNamespaceChange,
};

// "pod-creation", "exec": for programs.
std::string_view to_string(RuleCall call);
// "the creation of a pod": for people.
std::string_view describe(RuleCall call);

// CONNECT of that subresource: "exec", "portforward". Nothing where no rule judges it.
std::optional<RuleCall> call_of_subresource(std::string_view subresource);

// In the order above; empty for an id that is no rule's.
std::vector<RuleCall> calls_of(std::string_view rule_id);

}  // namespace cvm
