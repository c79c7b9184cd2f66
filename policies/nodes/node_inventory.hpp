// NodeInventory: an immutable, indexed snapshot of the cluster's nodes, each with its verdict.
//
// Built when a node or the settings change, read by every request without a lock.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policies/model/node_facts.hpp"
#include "policies/model/pod_view.hpp"
#include "policies/model/settings.hpp"

namespace cvm {

// One reason why nodes cannot host a CVM; equal reasons of several nodes are one.
struct NodeReason {
  std::string_view rule;  // its id; static storage
  RuleAction action = RuleAction::kDeny;
  bool gpu_pods_only = false;  // holds for pods that request a GPU
  std::string message;         // "kernel 5.4.0 ... is too old; ..."
};

class NodeInventory {
 public:
  // Applies every node rule of the registry with the actions that the settings give.
  static std::shared_ptr<const NodeInventory> build(std::vector<NodeFacts> nodes,
                                                    const Settings& settings);

  ~NodeInventory();

  std::span<const NodeFacts> nodes() const;
  // All distinct reasons, in the order of the registry and then of their text.
  std::span<const NodeReason> reasons() const;
  // Positions in reasons() that hold for nodes()[node].
  std::span<const std::uint32_t> reasons_of(std::size_t node) const;

  struct ReasonCount {
    std::uint32_t reason;  // position in reasons()
    std::uint32_t nodes;   // how many candidates it holds for
    std::uint32_t usable;  // how many of the usable candidates it holds for
  };
  struct Candidates {
    std::uint32_t total = 0;   // nodes that the pod may land on
    std::uint32_t usable = 0;  // of these, nodes with no denying reason for this pod
    // Reasons that hold for at least one candidate. Empty when no candidate has any.
    std::vector<ReasonCount> reasons;
    std::vector<std::uint64_t> scratch[4];  // working memory, kept between calls

    void clear() {
      total = usable = 0;
      reasons.clear();
    }
  };

  // Which nodes the pod may land on: nodeName, nodeSelector (but for our own marks), required node
  // affinity, taints against tolerations. `requests_gpu` selects the reasons that hold for GPU pods
  // only. `out` is reused from call to call.
  void find_candidates(const PodView& pod, bool requests_gpu, Candidates& out) const;

 private:
  NodeInventory();
  struct Index;
  std::unique_ptr<Index> index_;
};

// The label that marks nodes which can host CVMs; RuntimeClass `cvm` selects it.
inline constexpr std::string_view kCvmNodeLabel = "cvm-webhook.io/cvm";
// The same for pods that request a GPU; the plan selects it.
inline constexpr std::string_view kCvmGpuNodeLabel = "cvm-webhook.io/cvm-gpu";

// Labels that say what was decided here; no decision is made by them.
constexpr bool is_node_mark(std::string_view label) {
  return label == kCvmNodeLabel || label == kCvmGpuNodeLabel;
}

}  // namespace cvm
