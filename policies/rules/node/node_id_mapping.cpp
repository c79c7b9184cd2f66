// Mode native: refuses nodes that give pods a user namespace by hostUsers and whose kernel cannot
// ID-map tmpfs, on which every pod's token and secrets are.
#include <fmt/format.h>

#include "policies/compatibility/id_mapping.hpp"
#include "policies/compatibility/kernel_version.hpp"
#include "policies/compatibility/user_namespaces.hpp"
#include "policies/model/text.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

std::optional<NodeProblem> check_node_id_mapping(const NodeFacts& node, const Settings& settings) {
  if (settings.mode != Mode::kNative) return std::nullopt;
  const auto need = find_user_namespaces(node, settings.compatibility).need;
  const auto kernel = parse_kernel_version(node.kernel_version);  // node-kernel says if it has none
  if (need != UserNamespaceNeed::kHostUsers || !kernel || kernel->number >= kIdMappedTmpfsFrom) {
    return std::nullopt;
  }
  const std::string needed = to_string(kIdMappedTmpfsFrom);
  return NodeProblem{fmt::format("kernel {} cannot ID-map tmpfs, which pods with hostUsers: false "
                                 "need; upgrade it to {} or later",
                                 readable(node.kernel_version), needed),
                     {kHave, fmt::format("a kernel before {}, which cannot ID-map tmpfs", needed),
                      "upgrade the kernel"}};
}

}  // namespace

constinit const NodeRule rules::node_id_mapping{
    .descriptor =
        {.id = "node-id-mapping",
         .summary = "Mode native: the node's kernel cannot ID-map what pods with "
                    "hostUsers: false mount",
         .calls = kNodeRuleCalls,
         .explanation =
             {.checks =
                  "Mode native: the node gives pods a user namespace by hostUsers: false, and its "
                  "kernel (status.nodeInfo.kernelVersion) is older than 6.3. Nodes that need "
                  "CRI-O's annotation are passed over, as Sysbox maps by itself there.",
              .why = "Older kernels cannot ID-map tmpfs, on which every pod's token and secrets "
                     "are: no pod would start.",
              .fix = "Upgrade the node's kernel to 6.3 or later.",
              .fields = {"Node status.nodeInfo.kernelVersion",
                         "Node status.nodeInfo.containerRuntimeVersion",
                         "Node status.nodeInfo.kubeletVersion",
                         "Node status.runtimeHandlers[*].name",
                         "Node status.runtimeHandlers[*].features.userNamespaces"},
              .settings = {"mode", "compatibility.userNamespaces"},
              .sources = {"https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/"}}},
    .check = check_node_id_mapping,
};

}  // namespace cvm
