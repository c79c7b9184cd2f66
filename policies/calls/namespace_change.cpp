#include "policies/calls/namespace_change.hpp"

#include <fmt/format.h>

#include "policies/calls/break_glass.hpp"
#include "policies/model/text.hpp"
#include "policies/model/workspace.hpp"
#include "policies/rules/rule_trace.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

bool takes_part(const KeyValues& labels) { return labels.find(kWorkspacesLabel) == "enabled"; }

}  // namespace

bool is_namespace_change(const AdmissionRequest& request) {
  return request.operation == Operation::kUpdate && request.namespace_labels != nullptr &&
         request.old_namespace_labels != nullptr;
}

void judge_namespace_change(const AdmissionRequest& request, const Snapshot& snapshot,
                            TracePen trace, Verdict& out) {
  const RuleAction action = snapshot.rules->actions().namespace_label;
  trace.ask(rules::namespace_label, action);
  if (!takes_part(*request.old_namespace_labels) || takes_part(*request.namespace_labels)) return;
  const bool is_known = snapshot.known_pods != nullptr;
  if (is_known && !snapshot.known_pods->has_cvm_in(request.name)) return;
  const std::string holds = is_known ? " holds CVMs" : " may hold CVMs, which is not known yet,";
  out.add(rules::namespace_label, action,
          fmt::format("namespace {}{} and without the label {}=enabled nobody keeps users away "
                      "from their supervisors; {}",
                      quoted(request.name), holds, kWorkspacesLabel,
                      is_known ? "delete its CVM pods first" : "try again later"),
          fmt::format("metadata.labels[{}]", kWorkspacesLabel));
  let_break_glass(request, *snapshot.settings, out);
}

}  // namespace cvm
