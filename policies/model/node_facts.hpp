// NodeFacts: what a Node object says that decides whether it can host a CVM.
//
// Owns its strings: an inventory outlives the response it was read from. Our own marks are no
// facts: a node that is marked is the same node.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cvm {

struct Taint {
  std::string key, value, effect;

  auto operator<=>(const Taint&) const = default;
};

// How spec.providerID begins, without the node's own part: "aws://" of "aws:///eu-west-1a/i-0abc";
// where there is no "://", what stands before the first dot ("ocid1" of "ocid1.instance.oc1...").
inline std::string provider_id_prefix(std::string_view id) {
  constexpr std::string_view kSeparator = "://";
  const std::size_t scheme = id.find(kSeparator);
  if (scheme != std::string_view::npos)
    return std::string(id.substr(0, scheme + kSeparator.size()));
  return std::string(id.substr(0, id.find('.')));
}

struct NodeFacts {
  std::string name;
  std::map<std::string, std::string, std::less<>> labels;
  std::map<std::string, std::string, std::less<>> annotations;  // those of cvm-webhook.io/ alone
  std::vector<Taint> taints;
  std::string provider_id;        // spec.providerID's provider_id_prefix()
  std::string kernel_version;     // status.nodeInfo.kernelVersion, as written
  std::string os_image;           // status.nodeInfo.osImage
  std::string operating_system;   // status.nodeInfo.operatingSystem: "linux", "windows"
  std::string architecture;       // status.nodeInfo.architecture: "amd64"
  std::string container_runtime;  // status.nodeInfo.containerRuntimeVersion
  std::string kubelet_version;    // status.nodeInfo.kubeletVersion
  // status.allocatable of extended resources ("nvidia.com/gpu"), in pieces.
  std::map<std::string, std::int64_t, std::less<>> extended_resources;
  // status.runtimeHandlers: name -> features.userNamespaces; "" is the default handler, nullopt: it
  // does not say. Empty below Kubernetes 1.30.
  std::map<std::string, std::optional<bool>, std::less<>> runtime_handlers = {};

  auto operator<=>(const NodeFacts&) const = default;
};

}  // namespace cvm
