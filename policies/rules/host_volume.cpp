// Refuses claims whose PersistentVolume is a directory that the supervisor works with, or one above
// it: through it, a workspace would reach the node past its supervisor.
//
// Fields: spec.volumes[*].persistentVolumeClaim.claimName. Of the cluster: PersistentVolumes with
//         hostPath or local.
// Allowed: directories below, where provisioners of local storage keep their volumes.
// Source: design.md, section 1 (the host paths); facts.md, "Coder classic".
#include "policies/model/host_directories.hpp"
#include "policies/model/host_volumes.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

void check(const PodContext& context, Problems& problems) {
  if (context.host_volumes == nullptr) return;
  for (std::size_t index = 0; index < context.pod.volumes.size(); ++index) {
    const Volume& volume = context.pod.volumes[index];
    if (volume.claim_name.empty()) continue;
    const std::string* path =
        context.host_volumes->find(context.request.namespace_, volume.claim_name);
    if (path == nullptr || !holds_host_directory(*path)) continue;
    problems.push_back(
        {"claim \"" + std::string(volume.claim_name) + "\" is the node's directory " + *path +
             ", with which the supervisor works; use another claim",
         "spec.volumes[" + std::to_string(index) + "].persistentVolumeClaim.claimName"});
  }
}

}  // namespace

constinit const PodRule kHostVolume{
    .descriptor = {.id = "host-volume",
                   .summary =
                       "A claim of a CVM is a directory of the node that the supervisor works "
                       "with"},
    .check = check,
};

}  // namespace cvm
