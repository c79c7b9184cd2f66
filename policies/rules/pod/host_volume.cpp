// Refuses claims whose PersistentVolume is a directory that supervisors or the node itself work
// with, or one above it: through it, a pod would reach the node, and every supervisor there.

#include <fmt/format.h>

#include <utility>

#include "policies/model/host_directories.hpp"
#include "policies/model/host_volumes.hpp"
#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

void check_claim(const PodContext& context, const std::string& claim, std::string field,
                 Problems& problems) {
  const HostVolumes& volumes = *context.host_volumes;
  const std::string* path = volumes.find(context.request.namespace_, claim);
  if (path != nullptr && holds_host_directory(*path)) {
    problems.push_back({fmt::format("claim {} is the node's directory {}, with which supervisors "
                                    "or the node itself work; use another claim",
                                    quoted(claim), readable(*path)),
                        std::move(field)});
  } else if (path == nullptr && volumes.any_unclaimed && !context.pod.node_name.empty()) {
    problems.push_back({fmt::format("claim {} may yet become a directory with which the node "
                                    "itself works, and with spec.nodeName nothing is asked once it "
                                    "has; leave the choice of the node to the scheduler",
                                    quoted(claim)),
                        std::move(field)});
  }
}

void check_host_volume(const PodContext& context, Problems& problems) {
  if (context.host_volumes == nullptr) return;
  for (std::size_t index = 0; index < context.pod.volumes.size(); ++index) {
    const Volume& volume = context.pod.volumes[index];
    const bool is_ephemeral = volume.source == "ephemeral";
    if (volume.claim_name.empty() && !is_ephemeral) continue;
    check_claim(context, claim_of(volume, context.pod),
                fmt::format("spec.volumes[{}].{}", index,
                            is_ephemeral ? "ephemeral" : "persistentVolumeClaim.claimName"),
                problems);
  }
}

}  // namespace

constinit const PodRule rules::host_volume{
    .descriptor =
        {.id = "host-volume",
         .summary = "A claim is a directory of the node that supervisors or the node itself "
                    "work with",
         .calls = kPodRuleCalls.with(RuleCall::kBinding),
         .explanation =
             {.checks = "A claim (spec.volumes[*].persistentVolumeClaim or ephemeral) whose "
                        "PersistentVolume is a hostPath or local directory that supervisors or the "
                        "node itself work with, or one above it. Also a claim that has no volume "
                        "yet, where the pod names its node and such a volume is to be had.",
              .why = "Through such a directory a pod would reach the node, and every supervisor on "
                     "it.",
              .fix =
                  "Use another claim. Volumes below these directories, as provisioners of local "
                  "storage make them, are allowed; leave the choice of the node to the scheduler.",
              .fields = {"spec.volumes[*].persistentVolumeClaim.claimName",
                         "spec.volumes[*].ephemeral", "spec.volumes[*].name", "metadata.name",
                         "metadata.namespace", "spec.nodeName",
                         "PersistentVolume spec.hostPath.path", "PersistentVolume spec.local.path",
                         "PersistentVolume spec.claimRef.namespace",
                         "PersistentVolume spec.claimRef.name"},
              .sources = {"docs/modes.md",
                          "https://kubernetes.io/docs/concepts/storage/persistent-volumes/"}}},
    .check = check_host_volume,
    .scope = Scope::kPod,
};

}  // namespace cvm
