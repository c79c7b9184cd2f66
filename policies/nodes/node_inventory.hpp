// NodeInventory: an immutable, indexed snapshot of the cluster's nodes, each class of equal nodes
// with its verdict.
//
// Built when a node or the settings change, read by every request without a lock.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policies/model/extended_requests.hpp"
#include "policies/model/node_facts.hpp"
#include "policies/model/node_problem.hpp"
#include "policies/model/rule_descriptor.hpp"
#include "policies/model/runtime_class_facts.hpp"
#include "policies/model/selectors.hpp"
#include "policies/model/settings.hpp"
#include "policies/nodes/node_catalog.hpp"
#include "policies/nodes/node_set.hpp"
#include "policies/nodes/separation.hpp"

namespace cvm {

struct PodView;

// One reason why nodes cannot host a CVM; equal reasons of several nodes are one.
struct NodeReason {
  const RuleDescriptor* rule;  // never null
  RuleAction action = RuleAction::kDeny;
  bool gpu_pods_only = false;  // holds for pods that request a GPU
  std::string message;         // "kernel 5.4.0 ... is too old; ..."
  NodeSummary summary;
};

// What a pod is looked for a node with, besides its own fields.
struct PodNeeds {
  bool gpu = false;  // the reasons that hold for GPU pods only count
  // The RuntimeClass that the pod has or will be given, when it is known: the API server adds its
  // scheduling to the pod's.
  const RuntimeClassFacts* runtime_class = nullptr;
};

class NodeInventory {
 public:
  // Applies every node rule of the registry with the actions that the settings give. `before`: an
  // inventory of the same settings; what it worked out is taken over where it still holds.
  static std::shared_ptr<const NodeInventory> build(std::shared_ptr<const NodeCatalog> catalog,
                                                    const Settings& settings,
                                                    const NodeInventory* before = nullptr);
  static std::shared_ptr<const NodeInventory> build(const std::vector<NodeFacts>& nodes,
                                                    const Settings& settings);

  ~NodeInventory();

  const NodeCatalog& catalog() const { return *catalog_; }
  std::size_t size() const { return catalog_->size; }
  // All distinct reasons, in the order of the registry and then of their text.
  std::span<const NodeReason> reasons() const;
  // Positions in reasons() that hold for the nodes of a class.
  std::span<const std::uint32_t> reasons_of(std::size_t node_class) const;

  struct ReasonCount {
    std::uint32_t reason;  // position in reasons()
    std::uint32_t nodes;   // how many candidates it holds for
    std::uint32_t usable;  // how many of the usable candidates it holds for
  };
  struct Candidates {
    std::uint32_t total = 0;   // nodes that the pod may land on
    std::uint32_t usable = 0;  // of these, nodes with no denying reason for this pod
    // No node is a candidate, but templates of the settings are: both counts are of templates.
    bool of_templates = false;
    // Nodes are candidates and none is usable, but a template is.
    bool usable_template = false;
    // Reasons that hold for at least one candidate; denying ones only when none is usable.
    std::vector<ReasonCount> reasons;

    // Working memory, kept between calls.
    Bitset classes, usable_classes, work[2];
    std::vector<std::string_view> names;
    std::vector<Bitset> terms;
    std::vector<std::uint32_t> counts;
    std::vector<ExtendedRequest> requests;
    std::vector<Toleration> tolerations;
    // How many nodes, or templates, a class stands for: of the inventory or of `counts` above.
    std::span<const std::uint32_t> weights;

    void clear() {
      total = usable = 0;
      of_templates = usable_template = false;
      reasons.clear();
    }
  };

  // Which nodes the pod may land on: nodeName, nodeSelector (but for our own marks), required node
  // affinity, taints against tolerations, extended resources. A namespace's node selector
  // (PodNodeSelector) is in the pod's own already: that plugin runs before webhooks are called.
  // `out` is reused from call to call.
  void find_candidates(const PodView& pod, const PodNeeds& needs, Candidates& out) const;

  // What sets the usable candidates that find_candidates() left in `found` apart from the others;
  // usable templates count as nodes. Takes time for each node where no label does it. Changes
  // `found`.
  Separation separate(const PodView& pod, const PodNeeds& needs, Candidates& found) const;

  // How the usable candidates of `found` give a pod its user namespace (mode native).
  struct UserNamespaces {
    std::uint32_t host_users = 0, annotation = 0;  // nodes
    // Whether a class among them does so, be there a node of it (still) or not.
    bool any_host_users = false, any_annotation = false;
  };
  UserNamespaces user_namespaces(const Candidates& found) const;

  // The label that sets the usable candidates which do not need the other thing apart from those
  // that do and, without `usable_only`, from those that are not usable; nullopt: no label does.
  // Changes `found`.
  std::optional<LabelSeparation> separate_user_namespace(UserNamespaceNeed need, bool usable_only,
                                                         Candidates& found) const;

  // The same nodes by name, in no order; takes time for each node of the cluster.
  void for_each_candidate(
      const PodView& pod, const PodNeeds& needs, Candidates& scratch,
      const std::function<void(const std::string& name, bool usable)>& visit) const;

 private:
  friend class CandidateSearch;
  struct Index;

  NodeInventory(std::shared_ptr<const NodeCatalog> catalog, std::shared_ptr<const Index> index);

  // Leaves in found.usable_classes those that are there, and in found.work[1] the other candidates.
  // False where one of the two is empty.
  bool find_sides(Candidates& found) const;

  std::shared_ptr<const NodeCatalog> catalog_;
  std::shared_ptr<const Index> index_;  // of the classes
};

// The label that marks nodes which can host CVMs; RuntimeClass `cvm` selects it.
inline constexpr std::string_view kCvmNodeLabel = "cvm-webhook.io/cvm";
// The same for pods that request a GPU; the plan selects it.
inline constexpr std::string_view kCvmGpuNodeLabel = "cvm-webhook.io/cvm-gpu";

// Labels that say what was decided here. No decision is made by them: a node that cannot host a CVM
// is named with its reason instead of being passed over for want of the mark.
constexpr bool is_node_mark(std::string_view label) {
  return label == kCvmNodeLabel || label == kCvmGpuNodeLabel;
}

}  // namespace cvm
