// Refuses claims whose PersistentVolume is a directory that supervisors or the node itself work
// with, or one above it: through it, a pod would reach the node, and every supervisor there.
//
// Fields: spec.volumes[*].persistentVolumeClaim.claimName, .ephemeral. Of the cluster:
// PersistentVolumes with
//         hostPath or local.
// Allowed: directories below, where provisioners of local storage keep their volumes.
// Source: design.md, section 1 (the host paths); facts.md, "Coder classic".
#include "policies/model/host_directories.hpp"
#include "policies/model/host_volumes.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

std::string claim_of(const Volume& volume, const PodView& pod) {
  if (volume.source == "ephemeral") return ephemeral_claim(pod.name, volume.name);
  return std::string(volume.claim_name);
}

void check(const PodContext& context, Problems& problems) {
  if (context.host_volumes == nullptr) return;
  for (std::size_t index = 0; index < context.pod.volumes.size(); ++index) {
    const Volume& volume = context.pod.volumes[index];
    if (volume.claim_name.empty() && volume.source != "ephemeral") continue;
    const std::string claim = claim_of(volume, context.pod);
    const std::string* path = context.host_volumes->find(context.request.namespace_, claim);
    if (path == nullptr || !holds_host_directory(*path)) continue;
    problems.push_back(
        {"claim \"" + claim + "\" is the node's directory " + *path +
             ", with which supervisors or the node itself work; use another claim",
         "spec.volumes[" + std::to_string(index) + "]." +
             (volume.source == "ephemeral" ? "ephemeral" : "persistentVolumeClaim.claimName")});
  }
}

}  // namespace

constinit const PodRule kHostVolume{
    .descriptor = {.id = "host-volume",
                   .summary =
                       "A claim of a CVM is a directory of the node that the supervisor works "
                       "with"},
    .check = check,
    .scope = Scope::kPod,
};

}  // namespace cvm
