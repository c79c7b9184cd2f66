// The kinds of rules: what each reads, and the problems it gives.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policies/model/admission_request.hpp"
#include "policies/model/finding.hpp"
#include "policies/model/gpu_requests.hpp"
#include "policies/model/node_facts.hpp"
#include "policies/model/node_problem.hpp"
#include "policies/model/rule_descriptor.hpp"
#include "policies/model/settings.hpp"

namespace cvm {

// The calls in which a rule has a say by its kind. Some have one in bindings besides, which bring
// labels and annotations of their own, and the node of volumes that were claimed meanwhile.
inline constexpr RuleCalls kPodRuleCalls = {RuleCall::kPodCreation, RuleCall::kPodTemplate,
                                            RuleCall::kPodChange};
inline constexpr RuleCalls kNodeRuleCalls = {RuleCall::kPodCreation, RuleCall::kPodTemplate,
                                             RuleCall::kBinding};

class HostVolumes;
class PlanTemplate;
class Wrapping;

// Mode native: what gives the pod its user namespace.
struct UserNamespaceChoice {
  UserNamespaceNeed need = UserNamespaceNeed::kHostUsers;  // kHostUsers or kAnnotation
  // What nodes need that the pod may land on, among them kinds of nodes that were there a moment
  // ago: the final pod must have one of these.
  bool host_users = true, annotation = true;
};

// What a pod rule reads.
struct PodContext {
  const AdmissionRequest& request;
  const PodView& pod;
  const Settings& settings;
  const PlanTemplate& plan;
  const Container* workspace;  // the workspace container; never null: a pod without one is refused
  GpuRequests gpus;            // of the pod's containers
  // The container that is the plan's own supervisor, unchanged; null when the pod has none. Rules
  // about what users may do pass over it.
  const Container* supervisor = nullptr;
  // Placement wrap: the workspace container as it is inside the CVM, which `workspace` is then too;
  // rules read it instead of the container that is, or will be, the supervisor. Else null.
  const Container* inner = nullptr;
  const Wrapping* wrapping = nullptr;         // placement wrap, at creation; else null
  bool is_cvm = false;                        // it is to be, or is, a CVM
  const HostVolumes* host_volumes = nullptr;  // null: not known
  UserNamespaceChoice user_namespace = {};    // once nodes were looked at
};

// A problem before it is given a rule's id and action.
struct Problem {
  std::string message;  // "what is wrong; what to do"
  std::string field;
};

// What one rule found, but no more than anybody reads: a pod of a few MiB can break a rule a
// hundred thousand times. Whoever writes the answer says how many were left out.
class Problems {
 public:
  static constexpr std::size_t kMost = 50;

  // A rule whose loop is long need not go on: it counts no further.
  bool is_full() const { return problems_.size() >= kMost; }
  void push_back(Problem problem) {
    if (is_full()) {
      ++left_out_;
    } else {
      problems_.push_back(std::move(problem));
    }
  }
  void clear() {
    problems_.clear();
    left_out_ = 0;
  }
  std::size_t left_out() const { return left_out_; }
  auto begin() { return problems_.begin(); }
  auto end() { return problems_.end(); }

 private:
  std::vector<Problem> problems_;
  std::size_t left_out_ = 0;
};

// Which pods of a selected namespace a rule judges.
enum class Scope {
  kCvm,        // those that are to be, or are, CVMs
  kWorkspace,  // all that settings.workspace_selector selects, also where CVMs are disabled
  kPod,        // every one
};

// Reads the pod and the settings only.
struct PodRule {
  RuleDescriptor descriptor;
  void (*check)(const PodContext& context, Problems& problems);
  Scope scope = Scope::kCvm;
  // A control of the Pod Security Standards, and from which level it holds; kPrivileged: none. Such
  // a rule judges the final pod only. settings.isolation.pod_security decides about its action
  // unless settings.rules does.
  PodSecurityLevel level = PodSecurityLevel::kPrivileged;
  // The rule that says the same and more: where that judges the pod and denies, this one is silent.
  const PodRule* covered_by = nullptr;

  // NOLINTNEXTLINE(google-explicit-constructor): a rule is what its descriptor says of it.
  operator const RuleDescriptor&() const { return descriptor; }
};

// A change of a pod: UPDATE of pods or of a subresource that gives a pod.
struct PodChange {
  const AdmissionRequest& request;
  const PodView& before;  // a CVM
  const PodView& after;
  const Settings& settings;
};

// What may not be changed in a CVM.
struct PodChangeRule {
  RuleDescriptor descriptor;
  void (*check)(const PodChange& change, Problems& problems);

  // NOLINTNEXTLINE(google-explicit-constructor): a rule is what its descriptor says of it.
  operator const RuleDescriptor&() const { return descriptor; }
};

struct KnownPod;

// A connection into a CVM: CONNECT of pods/exec, attach, portforward, proxy.
struct PodConnection {
  const AdmissionRequest& request;
  const KnownPod& pod;  // a CVM
  const Settings& settings;
};

struct PodConnectionRule {
  RuleDescriptor descriptor;
  void (*check)(const PodConnection& connection, Problems& problems);

  // NOLINTNEXTLINE(google-explicit-constructor): a rule is what its descriptor says of it.
  operator const RuleDescriptor&() const { return descriptor; }
};

// Reads one node and the settings only; runs when a node changes, never in a request.
struct NodeRule {
  RuleDescriptor descriptor;
  bool gpu_pods_only = false;
  std::optional<NodeProblem> (*check)(const NodeFacts& node, const Settings& settings);

  // NOLINTNEXTLINE(google-explicit-constructor): a rule is what its descriptor says of it.
  operator const RuleDescriptor&() const { return descriptor; }
};

}  // namespace cvm
