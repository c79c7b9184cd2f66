#include "policies/calls/break_glass.hpp"

#include <algorithm>

namespace cvm {

namespace {

bool names(const BreakGlassSettings& settings, const UserInfo& user) {
  const auto has = [](const std::vector<std::string>& names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  return has(settings.users, user.username) ||
         std::any_of(user.groups.begin(), user.groups.end(),
                     [&](std::string_view group) { return has(settings.groups, group); });
}

}  // namespace

void let_break_glass(const AdmissionRequest& request, const Settings& settings, Verdict& out) {
  if (out.allowed || out.awaits_pod || !names(settings.isolation.break_glass, request.user)) return;
  for (Finding& finding : out.findings) {
    if (finding.action == RuleAction::kDeny) finding.action = RuleAction::kWarn;
  }
  out.allowed = true;
  out.break_glass = true;
}

}  // namespace cvm
