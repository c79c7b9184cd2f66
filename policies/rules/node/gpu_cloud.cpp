// Keeps pods that request a GPU off nodes in clouds, where GPUs do not work in CVMs, and warns of
// virtual machines.

#include <fmt/format.h>

#include <algorithm>

#include "policies/compatibility/cloud.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

std::optional<NodeProblem> check_gpu_cloud(const NodeFacts& node, const Settings& settings) {
  const HostingPlatform platform = detect_hosting(node, settings.compatibility);
  const Hosting hosting = platform.hosting();
  if (hosting != Hosting::kCloud && hosting != Hosting::kVirtual) return std::nullopt;
  const auto& allowed = settings.gpu.allow_clouds;
  if (std::find(allowed.begin(), allowed.end(), platform.provider->name) != allowed.end()) {
    return std::nullopt;
  }
  const std::string where = fmt::format("{} ({})", platform.provider->title, platform.evidence);
  NodeSummary summary{kAre, "on " + platform.provider->title,
                      "use bare metal nodes, or leave the GPU out"};
  if (hosting == Hosting::kVirtual) {
    return NodeProblem{fmt::format("the node is virtual, not bare metal: {}; GPUs in CVMs are "
                                   "supported on bare metal only",
                                   where),
                       std::move(summary), RuleAction::kWarn};
  }
  return NodeProblem{fmt::format("GPUs in CVMs do not work on cloud nodes: {}; choose bare metal "
                                 "nodes, or remove the GPU from the pod's resources",
                                 where),
                     std::move(summary)};
}

}  // namespace

constinit const NodeRule rules::gpu_cloud{
    .descriptor =
        {.id = "gpu-cloud",
         .summary = "The pod requests a GPU and the node is in a cloud",
         .calls = kNodeRuleCalls,
         .explanation =
             {.checks = "The pod requests a GPU, and the node is in a cloud by its "
                        "spec.providerID, the labels of managed Kubernetes services or the flavour "
                        "of its kernel. Allowed are bare metal, nodes that name no provider, and "
                        "providers in gpu.allowClouds; of virtual machines it only warns.",
              .why = "GPUs in CVMs work on bare metal only.",
              .fix = "Use bare metal nodes, remove the GPU request, or allow the cloud at your own "
                     "risk.",
              .fields = {"spec.containers[*].resources.limits",
                         "spec.initContainers[*].resources.limits",
                         "spec.ephemeralContainers[*].resources.limits",
                         "spec.containers[*].resources.requests",
                         "spec.initContainers[*].resources.requests",
                         "spec.ephemeralContainers[*].resources.requests", "Node spec.providerID",
                         "Node metadata.labels", "Node status.nodeInfo.kernelVersion"},
              .settings = {"gpu.allowClouds", "compatibility.clouds", "compatibility.gpus"},
              .sources = {"https://github.com/coder/docs/blob/main/admin/workspace-management/cvms/"
                          "index.md",
                          "https://github.com/coder/docs/blob/main/admin/workspace-management/cvms/"
                          "cluster-setup.md"}}},
    .gpu_pods_only = true,
    .check = check_gpu_cloud,
};

}  // namespace cvm
