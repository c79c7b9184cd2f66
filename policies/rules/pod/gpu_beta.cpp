// Warns that GPUs in CVMs are beta, on bare metal as much as anywhere.
#include "policies/model/pod_view.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

void check_gpu_beta(const PodContext& context, Problems& problems) {
  if (context.settings.mode == Mode::kNative) return;  // gpu-native refuses them
  if (context.gpus.nvidia) {
    problems.push_back(
        {"NVIDIA GPUs in CVMs are a beta feature and work on bare metal nodes only; "
         "expect rough edges",
         ""});
  }
  if (context.pod.has_resource_claims) {
    problems.push_back(
        {"the pod has resource claims, and if one holds a GPU: these are a beta "
         "feature in CVMs and are not passed on to the workspace by a claim; request "
         "nvidia.com/gpu in the container's limits instead",
         "spec.resourceClaims"});
  }
}

}  // namespace

constinit const PodRule rules::gpu_beta{
    .descriptor =
        {.id = "gpu-beta",
         .summary = "The pod requests an NVIDIA GPU, which is beta in CVMs",
         .default_action = RuleAction::kWarn,
         .calls = kPodRuleCalls,
         .explanation = {.checks = "A container requests an NVIDIA GPU (resources.requests or "
                                   "limits), or the pod has resource claims, which may hold one.",
                         .why = "NVIDIA GPUs in CVMs are a beta feature, on bare metal as much as "
                                "anywhere, and no GPU of a claim is passed on to the workspace.",
                         .fix = "Expect rough edges, or remove the request. In place of a claim, "
                                "request nvidia.com/gpu in the container's limits.",
                         .fields = {"spec.containers[*].resources.limits",
                                    "spec.initContainers[*].resources.limits",
                                    "spec.ephemeralContainers[*].resources.limits",
                                    "spec.containers[*].resources.requests",
                                    "spec.initContainers[*].resources.requests",
                                    "spec.ephemeralContainers[*].resources.requests",
                                    "spec.resourceClaims"},
                         .settings = {"mode", "compatibility.gpus"},
                         .sources = {"https://github.com/coder/docs/blob/main/admin/"
                                     "workspace-management/cvms/index.md",
                                     "https://github.com/coder/docs/blob/main/admin/"
                                     "workspace-management/cvms/cluster-setup.md"}}},
    .check = check_gpu_beta,
};

}  // namespace cvm
