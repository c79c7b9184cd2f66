// How `eval` prints what it found, one form a function.
#pragma once

#include <string>
#include <vector>

#include "webhook/evaluation/evaluation.hpp"
#include "webhook/evaluation/evaluation_rules.hpp"
#include "webhook/terminal/terminal.hpp"

namespace cvm::webhook {

// Verdict and findings.
std::string print_as_text(const Evaluation& result, const Painter& painter);
// A diff of the pod before and after; empty where nothing changed.
std::string print_diff(const Evaluation& result, const Painter& painter);
// What every rule had to do with it.
std::string print_rules(const std::vector<RuleOutcome>& rules, std::size_t width,
                        const Painter& painter);

// A row for each object, and how many were admitted.
std::string print_summary(const std::vector<Evaluation>& results, const Painter& painter);

// {"kind", "namespace", "name", "allowed", "profile", "findings", "warnings", "patch", "object"},
// and "rules" where there are any.
std::string print_as_json(const Evaluation& result, const std::vector<RuleOutcome>& rules);

// The AdmissionReviews that were sent, each with its response, in their order.
std::string print_reviews(const Evaluation& result);

// "cvm/node-selinux: ... (spec.x)", one line a denying finding.
std::string print_refusal(const Evaluation& result);

}  // namespace cvm::webhook
