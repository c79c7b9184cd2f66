// Mode native: refuses nodes whose container runtime tells its handlers, and none is Sysbox's.
#include "policies/compatibility/user_namespaces.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

std::optional<NodeProblem> check_node_sysbox(const NodeFacts& node, const Settings& settings) {
  if (settings.mode != Mode::kNative || !lacks_sysbox(node)) return std::nullopt;
  return NodeProblem{
      "Sysbox is not among the handlers of the node's container runtime (status.runtimeHandlers); "
      "install it there (label sysbox-install=yes), or choose other nodes",
      {kHave, "no Sysbox", "install it, or use other nodes"}};
}

}  // namespace

constinit const NodeRule rules::node_sysbox{
    .descriptor =
        {.id = "node-sysbox",
         .summary = "Mode native: Sysbox is not installed on the node",
         .calls = kNodeRuleCalls,
         .explanation =
             {.checks = "Mode native: the node lists the handlers of its container runtime "
                        "(status.runtimeHandlers), and none is Sysbox's. Nodes that list none, as "
                        "before Kubernetes 1.30, are passed over.",
              .why = "The pod could not start there.",
              .fix =
                  "Install Sysbox on the node (label sysbox-install=yes), or choose other nodes.",
              .fields = {"Node status.runtimeHandlers[*].name"},
              .settings = {"mode"},
              .sources = {"https://github.com/nestybox/sysbox/blob/master/docs/user-guide/"
                          "install-k8s.md"}}},
    .check = check_node_sysbox,
};

}  // namespace cvm
