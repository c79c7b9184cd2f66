// How `eval` prints what it found, one form a function; each takes one pod.
#pragma once

#include <string>

#include "webhook/commands/evaluation.hpp"
#include "webhook/commands/terminal.hpp"

namespace cvm::webhook {

// Verdict, findings, warnings and a diff of the pod before and after.
std::string print_as_text(const Evaluation& result, const OrderedJson& before,
                          const Painter& painter);

// {"name", "allowed", "profile", "findings", "warnings", "patch", "object"}
std::string print_as_json(const Evaluation& result);

// "cvm/node-selinux: ... (spec.x)", one line a denying finding.
std::string print_refusal(const Evaluation& result);

}  // namespace cvm::webhook
