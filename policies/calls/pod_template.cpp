#include "policies/calls/pod_template.hpp"

#include <fmt/format.h>

#include <utility>

#include "policies/calls/new_findings.hpp"
#include "policies/profiles/profile_choice.hpp"

namespace cvm {

void judge_pod_template(const AdmissionRequest& request, const Snapshot& snapshot, Scratch& scratch,
                        Verdict& out) {
  const ProfileChoice choice = choose_profile(request, *request.pod_template, snapshot);
  const RuleAction action = choice.snapshot->settings->isolation.templates;
  if (action == RuleAction::kOff) return scratch.trace.skip_rest(RuleSkip::kTemplatesOff);
  Verdict said, said_before;
  judge_chosen_creation(request, *request.pod_template, snapshot, Stage::kFinal, scratch, said);
  out.profile = said.profile;
  if (request.old_pod_template != nullptr && !said.findings.empty()) {
    const TraceTo nowhere(scratch.trace, nullptr);
    judge_chosen_creation(request, *request.old_pod_template, snapshot, Stage::kFinal, scratch,
                          said_before);
  }
  for (Finding& finding : said.findings) {
    if (finding.action == RuleAction::kDeny) finding.action = action;
    if (!finding.field.empty()) {
      finding.field = fmt::format("{}.{}", request.template_path, finding.field);
    }
  }
  for (Finding& finding : said_before.findings) {
    if (!finding.field.empty()) {
      finding.field = fmt::format("{}.{}", request.template_path, finding.field);
    }
  }
  add_new_findings(said, said_before, out);
}

}  // namespace cvm
