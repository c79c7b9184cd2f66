// The registry's pod rules, applied to one pod.
#pragma once

#include "policies/model/admission_request.hpp"
#include "policies/model/finding.hpp"
#include "policies/rule.hpp"
#include "policies/rules/rule_trace.hpp"
#include "policies/snapshot.hpp"

namespace cvm {

// Which of the rules: those that hold before others may have changed the pod, or all.
enum class Stage { kEarly, kFinal };

// What rules read of `pod`. `workspace` must not be null where a rule of scope kCvm may run.
PodContext context_of(const AdmissionRequest& request, const PodView& pod,
                      const Container* workspace, bool is_cvm, const Snapshot& snapshot);

// Adds what the rules say. `is_workspace`: settings.workspace_selector selects the pod.
void apply_pod_rules(const PodContext& context, const ActiveRules& rules, bool is_workspace,
                     Stage stage, Scratch& scratch, Verdict& out);

// Node rules ran when the nodes changed: notes which of them the candidates' reasons could come
// from. `why`: nothing was learnt of candidates.
void trace_node_rules(const ActiveRules& rules, bool requests_gpu, RuleSkip why, TracePen trace);

// Adds `problems` as findings of the rule and clears them.
void move_problems(const RuleDescriptor& rule, RuleAction action, Problems& problems, Verdict& out);

}  // namespace cvm
