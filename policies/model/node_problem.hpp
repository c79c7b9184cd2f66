// NodeProblem: why a node cannot host a CVM, in full and in the few words of a count.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "policies/model/settings.hpp"

namespace cvm {

struct Verb {
  std::string_view one, many;  // "runs", "run"; static storage
};
inline constexpr Verb kRun{"runs", "run"};
inline constexpr Verb kHave{"has", "have"};
inline constexpr Verb kAre{"is", "are"};

// "4" "run" "SELinux" "(Sysbox does not support it; use Ubuntu nodes)". Fewer different ones than
// there are messages: what only sets single nodes apart is left out.
struct NodeSummary {
  Verb verb = kHave;
  std::string what;
  std::string advice;  // what would have to change

  std::string_view verb_for(std::uint32_t nodes) const { return nodes == 1 ? verb.one : verb.many; }
};

// Worded so that equal nodes get equal text (no node names).
struct NodeProblem {
  std::string message;  // "SELinux is enabled (Rocky Linux 9.4); what to do"
  NodeSummary summary;
  // For what is merely not known: the action that the settings give for that (nodes.selinuxUnknown,
  // nodes.shiftfsUnknown), which can only weaken the rule's own.
  std::optional<RuleAction> action = std::nullopt;
};

}  // namespace cvm
