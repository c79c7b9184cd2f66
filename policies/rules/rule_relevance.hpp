// Why a rule had no say in a call: what the engine does, told in words.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "policies/model/rule_calls.hpp"
#include "policies/model/settings.hpp"

namespace cvm {

struct JudgedCall {
  std::optional<RuleCall> call;  // nothing: a call that no rule judges
  const Settings& settings;      // that decided: those of the profile
  bool is_cvm = false;           // the pod is to be, or is, a CVM
  bool is_workspace = true;      // the settings' selector selects it
  bool requests_gpu = true;
  bool knows_nodes = false;
  bool has_candidates = true;  // a node, or a template of one, that the pod may land on
  bool has_profiles = false;
  bool enforces_pod_security = false;  // the pod's namespace does, by its label
  // A creation that the mutating call refused: nobody looked at the final pod.
  bool ended_early = false;
};

// "the pod requests no GPU"; empty: the rule was asked. `rule` is one of the registry's.
std::string why_skipped(std::string_view rule, const JudgedCall& call);

}  // namespace cvm
