// Mode native: warns where files of volumes may belong to nobody in the CVM: with fsGroup, which
// Sysbox has been seen to get wrong on some volumes, and on cephfs, which kernels before 6.7 cannot
// ID-map.
// Seen in https://github.com/nestybox/sysbox/issues/705 and issues/728.

#include <fmt/format.h>

#include <algorithm>

#include "policies/compatibility/id_mapping.hpp"
#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

bool counts(const Volume& volume) {
  return volume.source != "projected" && volume.source != "configMap" &&
         volume.source != "downwardAPI";
}

void check_group(const PodView& pod, Problems& problems) {
  if (!pod.security_context.fs_group) return;
  if (std::none_of(pod.volumes.begin(), pod.volumes.end(), counts)) return;
  problems.push_back(
      {fmt::format("fsGroup is {} and on some volumes Sysbox then shows files as owned by nobody; "
                   "see that the workspace can read and write its volumes, or remove fsGroup",
                   *pod.security_context.fs_group),
       "spec.securityContext.fsGroup"});
}

void check_volume_ownership(const PodContext& context, Problems& problems) {
  if (context.settings.mode != Mode::kNative) return;
  check_group(context.pod, problems);
  for (std::size_t index = 0; index < context.pod.volumes.size(); ++index) {
    const Volume& volume = context.pod.volumes[index];
    if (!is_ceph(volume.source, volume.csi_driver)) continue;
    problems.push_back({fmt::format("volume {} is on cephfs, whose files belong to nobody in a CVM "
                                    "on a kernel before {}; choose nodes with a later one",
                                    quoted(volume.name), to_string(kIdMappedCephFrom)),
                        fmt::format("spec.volumes[{}].{}", index, volume.source)});
  }
}

}  // namespace

constinit const PodRule rules::volume_ownership{
    .descriptor = {.id = "volume-ownership",
                   .summary = "Mode native: files of a volume may belong to nobody (fsGroup, "
                              "cephfs)",
                   .default_action = RuleAction::kWarn,
                   .calls = kPodRuleCalls,
                   .explanation =
                       {.checks = "Mode native: spec.securityContext.fsGroup together with "
                                  "volumes, and volumes on cephfs.",
                        .why = "With fsGroup, Sysbox has been seen to show files of some volumes "
                               "as nobody's; cephfs cannot be ID-mapped by kernels before 6.7.",
                        .fix = "See that the workspace can read and write its volumes, or remove "
                               "fsGroup; for cephfs choose nodes with a kernel from 6.7 on.",
                        .fields = {"spec.securityContext.fsGroup", "spec.volumes[*].cephfs",
                                   "spec.volumes[*].csi.driver", "spec.volumes[*].projected",
                                   "spec.volumes[*].configMap", "spec.volumes[*].downwardAPI"},
                        .settings = {"mode"},
                        .sources = {"https://github.com/nestybox/sysbox/issues/705",
                                    "https://github.com/nestybox/sysbox/issues/728",
                                    "https://man7.org/linux/man-pages/man2/mount_setattr.2.html"}}},
    .check = check_volume_ownership,
};

}  // namespace cvm
