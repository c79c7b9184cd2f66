// Refuses volumes that are directories or files of the node.
#include <fmt/format.h>

#include "policies/model/text.hpp"
#include "policies/rules/rules.hpp"
#include "policies/rules/user_part.hpp"

namespace cvm {

namespace {

void check_host_path_volumes(const PodContext& context, Problems& problems) {
  for_each_user_volume(context, [&](const Volume& volume, std::size_t index) {
    if (volume.source != "hostPath") return;
    problems.push_back(
        {fmt::format("volume {} is the node's path {}; use an emptyDir or a PersistentVolumeClaim",
                     quoted(volume.name), readable(volume.host_path)),
         fmt::format("spec.volumes[{}].hostPath", index)});
  });
}

}  // namespace

constinit const PodRule rules::pod_security_host_path_volumes{
    .descriptor = {.id = "pod-security-host-path-volumes",
                   .summary = "Baseline: a volume is a path of the node",
                   .calls = kPodRuleCalls,
                   .explanation = {.checks = "spec.volumes[*].hostPath. Allowed: absent. The "
                                             "volumes of a CVM's plan are passed over.",
                                   .why = "A directory of the node in a pod is a way to the node.",
                                   .fix = "Use an emptyDir or a PersistentVolumeClaim.",
                                   .fields = {"spec.volumes[*].hostPath", "spec.volumes[*].name"},
                                   .settings = {"isolation.podSecurity"},
                                   .sources = {"https://kubernetes.io/docs/concepts/security/"
                                               "pod-security-standards/#baseline"}}},
    .check = check_host_path_volumes,
    .scope = Scope::kPod,
    .level = PodSecurityLevel::kBaseline,
    .covered_by = &rules::pod_security_volume_types,
};

}  // namespace cvm
