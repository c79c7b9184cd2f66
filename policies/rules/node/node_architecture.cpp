// Refuses nodes of an architecture that Sysbox is not built for.
// A node that says nothing passes: its kernel is then missing too, which node-kernel refuses.
#include <fmt/format.h>

#include "policies/model/text.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

std::optional<NodeProblem> check_node_architecture(const NodeFacts& node, const Settings&) {
  std::string_view architecture = node.architecture;
  if (architecture.empty()) {
    const auto label = node.labels.find("kubernetes.io/arch");
    if (label != node.labels.end()) architecture = label->second;
  }
  if (architecture.empty() || architecture == "amd64" || architecture == "arm64") {
    return std::nullopt;
  }
  return NodeProblem{
      fmt::format("architecture {} is not supported by CVMs; choose amd64 or arm64 nodes",
                  readable(architecture)),
      {kHave, fmt::format("architecture {}", readable(architecture)), "use amd64 or arm64 nodes"}};
}

}  // namespace

constinit const NodeRule rules::node_architecture{
    .descriptor =
        {.id = "node-architecture",
         .summary = "The node's architecture is neither amd64 nor arm64",
         .calls = kNodeRuleCalls,
         .explanation =
             {.checks = "status.nodeInfo.architecture, else the label kubernetes.io/arch, is "
                        "neither amd64 nor arm64.",
              .why = "Sysbox is built for amd64 and arm64 only.",
              .fix = "Choose amd64 or arm64 nodes.",
              .fields = {"Node status.nodeInfo.architecture",
                         "Node metadata.labels[kubernetes.io/arch]"},
              .sources = {"https://github.com/nestybox/sysbox/blob/master/docs/arch-compat.md"}}},
    .check = check_node_architecture,
};

}  // namespace cvm
