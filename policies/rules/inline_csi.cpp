// Refuses inline CSI volumes of drivers that the administrator did not name: what a driver mounts
// is its own to say, a directory of the node included, and Pod Security lets every driver through.
//
// Fields: spec.volumes[*].csi.driver. Settings: isolation.inlineCsiDrivers.
// Source: Kubernetes, "Ephemeral Volumes", CSI driver restrictions.
#include <algorithm>

#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

void check(const PodContext& context, Problems& problems) {
  const auto& allowed = context.settings.isolation.inline_csi_drivers;
  for (std::size_t index = 0; index < context.pod.volumes.size(); ++index) {
    const Volume& volume = context.pod.volumes[index];
    if (volume.source != "csi" ||
        std::find(allowed.begin(), allowed.end(), volume.csi_driver) != allowed.end()) {
      continue;
    }
    problems.push_back({"volume \"" + std::string(volume.name) +
                            "\" is an inline volume of the CSI driver \"" +
                            std::string(volume.csi_driver) +
                            "\", which may mount directories of the node; use a "
                            "PersistentVolumeClaim, or ask your "
                            "cluster administrator to add the driver to isolation.inlineCsiDrivers",
                        "spec.volumes[" + std::to_string(index) + "].csi.driver"});
  }
}

}  // namespace

constinit const PodRule kInlineCsi{
    .descriptor = {.id = "inline-csi",
                   .summary = "A CVM mounts an inline volume of a CSI driver that is not allowed"},
    .check = check,
};

}  // namespace cvm
