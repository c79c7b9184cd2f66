// RuleCall: the calls of the API server in which a rule has a say.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

namespace cvm {

enum class RuleCall : std::uint8_t {
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

// Every one, in the order in which they are told.
inline constexpr RuleCall kRuleCalls[] = {
    RuleCall::kPodCreation, RuleCall::kPodTemplate, RuleCall::kPodChange,
    RuleCall::kExec,        RuleCall::kAttach,      RuleCall::kPortForward,
    RuleCall::kProxy,       RuleCall::kBinding,     RuleCall::kNamespaceChange,
};

// A set of them.
class RuleCalls {
 public:
  constexpr RuleCalls() = default;
  constexpr RuleCalls(std::initializer_list<RuleCall> calls) {
    for (const RuleCall call : calls) bits_ |= bit_of(call);
  }

  constexpr bool contains(RuleCall call) const { return (bits_ & bit_of(call)) != 0; }
  constexpr bool contains(RuleCalls other) const { return (bits_ & other.bits_) == other.bits_; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr RuleCalls with(RuleCall call) const {
    RuleCalls more = *this;
    more.bits_ |= bit_of(call);
    return more;
  }
  constexpr bool operator==(const RuleCalls&) const = default;

 private:
  static constexpr unsigned bit_of(RuleCall call) { return 1U << static_cast<unsigned>(call); }

  unsigned bits_ = 0;
};

// "pod-creation", "exec": for programs.
std::string_view to_string(RuleCall call);
// "the creation of a pod": for people.
std::string_view describe(RuleCall call);

// CONNECT of that subresource: "exec", "portforward". Nothing where no rule judges it.
std::optional<RuleCall> call_of_subresource(std::string_view subresource);

}  // namespace cvm
