// Mode native: refuses nodes whose container runtime gives pods of Sysbox no user namespace.
#include <fmt/format.h>

#include "policies/compatibility/user_namespaces.hpp"
#include "policies/model/text.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

std::string versions_on(const NodeFacts& node) {
  std::string text = readable(node.container_runtime);
  if (!node.kubelet_version.empty())
    text += fmt::format(", Kubernetes {}", readable(node.kubelet_version));
  return text;
}

std::optional<NodeProblem> check_node_user_namespaces(const NodeFacts& node,
                                                      const Settings& settings) {
  if (settings.mode != Mode::kNative) return std::nullopt;
  const NodeUserNamespaces found = find_user_namespaces(node, settings.compatibility);
  if (found.need != UserNamespaceNeed::kUnsupported) return std::nullopt;
  return NodeProblem{
      fmt::format("{}: {}", versions_on(node), found.reason),
      {kHave, fmt::format("no user namespaces for Sysbox in {}", readable(node.container_runtime)),
       "use containerd 2.0.5 or later"}};
}

}  // namespace

constinit const NodeRule rules::node_user_namespaces{
    .descriptor =
        {.id = "node-user-namespaces",
         .summary = "Mode native: the node's container runtime gives pods of Sysbox no "
                    "user namespace",
         .calls = kNodeRuleCalls,
         .explanation =
             {.checks = "Mode native: the node's container runtime "
                        "(status.nodeInfo.containerRuntimeVersion, with its kubeletVersion) cannot "
                        "give pods of Sysbox a user namespace, as containerd before 2.0.5.",
              .why = "Sysbox needs one, and the pod would fail when it starts.",
              .fix = "Use containerd 2.0.5 or later with Kubernetes 1.30 or later, or CRI-O. Where "
                     "you know better, say so in compatibility.userNamespaces.",
              .fields = {"Node status.nodeInfo.containerRuntimeVersion",
                         "Node status.nodeInfo.kubeletVersion",
                         "Node status.runtimeHandlers[*].name",
                         "Node status.runtimeHandlers[*].features.userNamespaces"},
              .settings = {"mode", "compatibility.userNamespaces"},
              .sources =
                  {"https://github.com/nestybox/sysbox/blob/master/docs/user-guide/install-k8s.md",
                   "https://github.com/nestybox/sysbox/issues/1019"}}},
    .check = check_node_user_namespaces,
};

}  // namespace cvm
