// Refuses volumes of a CVM that a driver on the node makes as it likes: inline CSI volumes of
// drivers that the administrator did not name, flexVolumes and gitRepos. A driver may mount a
// directory of the node, and Pod Security at level baseline lets all of these through.

#include <fmt/format.h>

#include <algorithm>

#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

bool is_allowed(const Volume& volume, const std::vector<std::string>& drivers) {
  if (volume.source == "flexVolume" || volume.source == "gitRepo") return false;
  return volume.source != "csi" ||
         std::find(drivers.begin(), drivers.end(), volume.csi_driver) != drivers.end();
}

void check_volume_driver(const PodContext& context, Problems& problems) {
  const auto& drivers = context.settings.isolation.inline_csi_drivers;
  for (std::size_t index = 0; index < context.pod.volumes.size(); ++index) {
    const Volume& volume = context.pod.volumes[index];
    if (is_allowed(volume, drivers)) continue;
    const bool is_csi = volume.source == "csi";
    problems.push_back(
        {fmt::format("volume {} is {}, which may mount directories of the node; use a "
                     "PersistentVolumeClaim{}",
                     quoted(volume.name),
                     is_csi ? fmt::format("an inline volume of the CSI driver {}",
                                          quoted(volume.csi_driver))
                            : "a " + readable(volume.source),
                     is_csi ? ", or ask your cluster administrator to add the driver to "
                              "isolation.inlineCsiDrivers"
                            : ""),
         fmt::format("spec.volumes[{}].{}", index,
                     is_csi ? "csi.driver" : std::string(volume.source))});
  }
}

}  // namespace

constinit const PodRule rules::volume_driver{
    .descriptor =
        {.id = "volume-driver",
         .summary =
             "A CVM mounts an inline CSI volume of a driver that is not allowed, a flexVolume "
             "or a gitRepo",
         .calls = kPodRuleCalls,
         .explanation =
             {.checks = "spec.volumes[*] of a CVM: an inline CSI volume of a driver that "
                        "isolation.inlineCsiDrivers does not name, a flexVolume or a gitRepo.",
              .why = "A driver may mount a directory of the node, and Pod Security at level "
                     "baseline lets all of these through.",
              .fix =
                  "Use a PersistentVolumeClaim, or add the driver to isolation.inlineCsiDrivers.",
              .fields = {"spec.volumes[*].csi.driver", "spec.volumes[*].flexVolume",
                         "spec.volumes[*].gitRepo"},
              .settings = {"isolation.inlineCsiDrivers"},
              .sources = {"https://kubernetes.io/docs/concepts/storage/ephemeral-volumes/",
                          "https://kubernetes.io/docs/concepts/storage/volumes/"}}},
    .check = check_volume_driver,
};

}  // namespace cvm
