// What every rule had to do with an evaluation: `eval --explain`.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "webhook/evaluation/evaluation.hpp"

namespace cvm::webhook {

// A field that a rule reads.
struct FieldRead {
  std::string path;                       // "spec.containers[0].image", "Node spec.providerID"
  std::optional<OrderedJson> value = {};  // in the pod; nothing: it is not there, or no pod's
};

struct RuleOutcome {
  enum class Use { kFound, kPassed, kSkipped };

  std::string_view id;
  Use use = Use::kPassed;
  std::string reason = {};             // why it was skipped, or what came of what it found: "deny"
  std::vector<FieldRead> fields = {};  // none where it was skipped
};

std::string_view to_string(RuleOutcome::Use use);

// As the engine traced it; in the order of all_rules(). `request` must have asked for a trace.
std::vector<RuleOutcome> explain_rules(const Evaluation& result, const EvalRequest& request);

}  // namespace cvm::webhook
