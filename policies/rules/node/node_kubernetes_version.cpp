// Refuses nodes in Azure whose Kubernetes is older than 1.18, the first that supports CVMs there.
#include <fmt/format.h>

#include "policies/compatibility/cloud.hpp"
#include "policies/model/text.hpp"
#include "policies/model/version_number.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

constexpr VersionNumber kFirstSupported{1, 18};

std::optional<NodeProblem> check_node_kubernetes_version(const NodeFacts& node,
                                                         const Settings& settings) {
  if (!detect_hosting(node, settings.compatibility).is("azure")) return std::nullopt;
  std::string_view text = node.kubelet_version;
  if (text.starts_with('v')) text.remove_prefix(1);
  const auto version = take_version_number(text);
  if (!version) {
    return NodeProblem{fmt::format("kubelet version {} cannot be read; on Azure Kubernetes Service "
                                   "CVMs need 1.18 or later",
                                   quoted(node.kubelet_version)),
                       {kHave, "a kubelet version that cannot be read", "see status.nodeInfo"}};
  }
  if (*version >= kFirstSupported) return std::nullopt;
  return NodeProblem{fmt::format("Kubernetes {} on Azure Kubernetes Service does not support CVMs; "
                                 "upgrade it to 1.18 or later",
                                 readable(node.kubelet_version)),
                     {kRun, fmt::format("Kubernetes {} on Azure", to_string(*version)),
                      "upgrade it to 1.18 or later"}};
}

}  // namespace

constinit const NodeRule rules::node_kubernetes_version{
    .descriptor =
        {.id = "node-kubernetes-version",
         .summary = "The node runs Kubernetes before 1.18 on Azure",
         .calls = kNodeRuleCalls,
         .explanation = {.checks = "The node is in Azure and its status.nodeInfo.kubeletVersion is "
                                   "before 1.18, or cannot be read.",
                         .why = "Azure Kubernetes Service supports CVMs from Kubernetes 1.18 on.",
                         .fix = "Upgrade the nodes to Kubernetes 1.18 or later.",
                         .fields = {"Node status.nodeInfo.kubeletVersion", "Node spec.providerID",
                                    "Node metadata.labels", "Node status.nodeInfo.kernelVersion"},
                         .settings = {"compatibility.clouds"},
                         .sources = {"https://github.com/coder/docs/blob/main/admin/"
                                     "workspace-management/cvms/cluster-setup.md"}}},
    .check = check_node_kubernetes_version,
};

}  // namespace cvm
