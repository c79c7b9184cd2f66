// Mode native: refuses volumes on file systems whose mounts cannot be ID-mapped: with hostUsers:
// false the pod does not start, and with CRI-O's annotation all their files belong to nobody.
// Seen in https://github.com/nestybox/sysbox/issues/831.

#include <fmt/format.h>

#include <utility>

#include "policies/compatibility/id_mapping.hpp"
#include "policies/model/host_volumes.hpp"
#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

struct Found {
  std::string_view file_system;  // empty: none
  std::string what;              // "volume \"home\" is"
  std::string field;
};

Found find_in(const Volume& volume, const PodContext& context) {
  const std::string name = "volume " + quoted(volume.name);
  if (volume.source == "csi") {
    return {unmappable_driver(volume.csi_driver), name + " is", "csi.driver"};
  }
  const bool is_ephemeral = volume.source == "ephemeral";
  if (!is_ephemeral && volume.claim_name.empty()) {
    return {unmappable_source(volume.source), name + " is", std::string(volume.source)};
  }
  if (context.host_volumes == nullptr) return {};
  const std::string claim = claim_of(volume, context.pod);
  return {context.host_volumes->unmappable(context.request.namespace_, claim),
          fmt::format("claim {} of {} is", quoted(claim), name),
          is_ephemeral ? "ephemeral" : "persistentVolumeClaim.claimName"};
}

void check_volume_id_mapping(const PodContext& context, Problems& problems) {
  if (context.settings.mode != Mode::kNative) return;
  for (std::size_t index = 0; index < context.pod.volumes.size(); ++index) {
    Found found = find_in(context.pod.volumes[index], context);
    if (found.file_system.empty()) continue;
    problems.push_back(
        {fmt::format(
             "{} on {}, whose mounts cannot be ID-mapped, so the CVM does not start or its files "
             "belong to nobody there; use block storage, or mount it from inside the workspace",
             found.what, found.file_system),
         fmt::format("spec.volumes[{}].{}", index, found.field)});
  }
}

}  // namespace

constinit const PodRule rules::volume_id_mapping{
    .descriptor =
        {.id = "volume-id-mapping",
         .summary = "Mode native: a volume is on a file system whose mounts cannot be "
                    "ID-mapped (NFS, SMB, GlusterFS)",
         .calls = kPodRuleCalls.with(RuleCall::kBinding),
         .explanation =
             {.checks = "Mode native: a volume, or the PersistentVolume of a claim, is on NFS, "
                        "SMB, GlusterFS or another file system whose mounts cannot be ID-mapped.",
              .why = "With hostUsers: false the pod does not start, and with CRI-O's annotation "
                     "all files of the volume belong to nobody.",
              .fix = "Use block storage, or mount the file system from inside the workspace.",
              .fields = {"spec.volumes[*].csi.driver", "spec.volumes[*].nfs",
                         "spec.volumes[*].glusterfs", "spec.volumes[*].azureFile",
                         "spec.volumes[*].quobyte",
                         "spec.volumes[*].persistentVolumeClaim.claimName",
                         "spec.volumes[*].ephemeral", "metadata.name", "metadata.namespace",
                         "PersistentVolume spec"},
              .settings = {"mode"},
              .sources = {"https://man7.org/linux/man-pages/man2/mount_setattr.2.html",
                          "https://github.com/nestybox/sysbox/issues/831"}}},
    .check = check_volume_id_mapping,
};

}  // namespace cvm
