// Refuses volumes that name a disk or a server themselves: which of them a user may use,
// PersistentVolumes say.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "policies/model/text.hpp"
#include "policies/rules/rules.hpp"
#include "policies/rules/user_part.hpp"

namespace cvm {

namespace {

constexpr std::array<std::string_view, 10> kAllowedSources = {
    "",          "configMap", "csi",   "downwardAPI",
    "emptyDir",  "ephemeral", "image", "persistentVolumeClaim",
    "projected", "secret"};

void check_volume_types(const PodContext& context, Problems& problems) {
  for_each_user_volume(context, [&](const Volume& volume, std::size_t index) {
    if (std::find(kAllowedSources.begin(), kAllowedSources.end(), volume.source) !=
        kAllowedSources.end())
      return;
    problems.push_back(
        {fmt::format("volume {} is of type {}; use an emptyDir or a PersistentVolumeClaim",
                     quoted(volume.name), readable(volume.source)),
         fmt::format("spec.volumes[{}].{}", index, volume.source)});
  });
}

}  // namespace

constinit const PodRule rules::pod_security_volume_types{
    .descriptor =
        {.id = "pod-security-volume-types",
         .summary = "Restricted: a volume is of a type that is not allowed",
         .default_action = RuleAction::kOff,
         .calls = kPodRuleCalls,
         .explanation = {.checks = "spec.volumes[*]. Allowed: configMap, csi, downwardAPI, "
                                   "emptyDir, ephemeral, image, persistentVolumeClaim, projected, "
                                   "secret. The volumes of a CVM's plan are passed over.",
                         .why = "Other volumes name a disk or a server themselves; which of them a "
                                "user may use, PersistentVolumes say.",
                         .fix = "Use an emptyDir or a PersistentVolumeClaim.",
                         .fields = {"spec.volumes"},
                         .settings = {"isolation.podSecurity"},
                         .sources = {"https://kubernetes.io/docs/concepts/security/"
                                     "pod-security-standards/#restricted"}}},
    .check = check_volume_types,
    .scope = Scope::kPod,
    .level = PodSecurityLevel::kRestricted,
};

}  // namespace cvm
