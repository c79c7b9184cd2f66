// The namespaces that take part: there are some, their labels are understood, none is the system's,
// and Pod Security Admission lets the supervisor in.
//
// Reads the labels of Namespaces.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "policies/model/known_namespaces.hpp"
#include "policies/model/workspace.hpp"
#include "webhook/doctor/check_parts.hpp"
#include "webhook/doctor/checks.hpp"

namespace cvm::webhook {
namespace {

bool is_system(std::string_view ns, const ClusterFacts& facts) {
  return ns == "kube-system" || ns == "kube-node-lease" || ns == facts.webhook_namespace();
}

const ProfileSettings* find_profile(const ProfiledSettings& settings, std::string_view name) {
  const auto found = std::find_if(settings.profiles.begin(), settings.profiles.end(),
                                  [&](const auto& profile) { return profile.name == name; });
  return found == settings.profiles.end() ? nullptr : &*found;
}

void judge_profile(const NamespaceFacts& ns, const CheckInput& input, Findings& out) {
  const std::string_view name = ns.label(kProfileLabel);
  if (name.empty()) return;
  const ProfileSettings* profile = find_profile(input.settings.settings, name);
  if (profile != nullptr && profile->chosen_by_namespace) return;
  out.fail(
      fmt::format("namespace {} asks for profile \"{}\", which {}, so that its pods are refused",
                  ns.name, name,
                  profile == nullptr ? "does not exist" : "is not for namespaces to choose"),
      fmt::format("kubectl label namespace {} {}-", ns.name, kProfileLabel));
}

}  // namespace

void check_namespaces(const CheckInput& input, Findings& out) {
  if (skip_unknown(input, ObjectKind::kNamespace, out)) return;
  std::vector<std::string> taking_part, misspelt, system;
  for (const NamespaceFacts& ns : input.facts.namespaces) {
    const bool is_labelled = ns.labels.contains(kWorkspacesLabel);
    if (is_labelled && !ns.takes_part()) misspelt.push_back(ns.name);
    if (!ns.takes_part()) continue;
    (is_system(ns.name, input.facts) ? system : taking_part).push_back(ns.name);
    judge_profile(ns, input, out);
  }
  const std::string label(kWorkspacesLabel);
  if (!system.empty()) {
    out.fail(fmt::format("namespaces of the system are labelled {}: {}", label, some_of(system)),
             fmt::format("kubectl label namespace {} {}-", words_of_all(system), label));
  }
  if (!misspelt.empty()) {
    out.warn(
        fmt::format("the label {} has another value than enabled, so that these take no part: {}",
                    label, some_of(misspelt)),
        fmt::format("kubectl label namespace {} {}=enabled --overwrite", words_of_all(misspelt),
                    label));
  }
  if (taking_part.empty()) {
    out.warn(fmt::format("no namespace takes part: none is labelled {}=enabled", label),
             fmt::format("kubectl label namespace NAMESPACE {}=enabled", label));
  } else {
    out.pass_if_silent(fmt::format("{}{} part: {}", count_of(taking_part.size(), "namespace"),
                                   taking_part.size() == 1 ? " takes" : " take",
                                   some_of(taking_part)));
  }
}

void check_pod_security(const CheckInput& input, Findings& out) {
  if (skip_unknown(input, ObjectKind::kNamespace, out)) return;
  for (const std::string_view level : {"baseline", "restricted"}) {
    std::vector<std::string> refused;
    for (const NamespaceFacts& ns : input.facts.namespaces) {
      if (!ns.takes_part() || is_system(ns.name, input.facts)) continue;
      const Settings& settings = settings_for(input.settings.settings, ns.label(kProfileLabel));
      const bool needs_privileges = settings.mode == Mode::kSupervised;
      if (needs_privileges && ns.label(kEnforceLabel) == level) refused.push_back(ns.name);
    }
    if (refused.empty()) continue;
    out.fail(fmt::format("namespaces enforce the Pod Security level {}, under which the supervisor "
                         "of a CVM is refused: {}",
                         level, some_of(refused)),
             fmt::format("kubectl label namespace {} {}=privileged --overwrite",
                         words_of_all(refused), kEnforceLabel));
  }
  out.pass_if_silent("no namespace that takes part enforces a level that refuses CVMs");
}

}  // namespace cvm::webhook
