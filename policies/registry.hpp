// The lists of rules and mutations. One line each, in the order in which findings are given.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policies/model/admission_request.hpp"
#include "policies/model/finding.hpp"
#include "policies/model/gpu_requests.hpp"
#include "policies/model/node_facts.hpp"
#include "policies/model/node_problem.hpp"
#include "policies/model/settings.hpp"

namespace cvm {

struct RuleDescriptor {
  std::string_view id;       // "node-selinux"
  std::string_view summary;  // one line for the table in README and `rules list`
  RuleAction default_action = RuleAction::kDeny;
};

class PlanTemplate;

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
};

// A problem before it is given a rule's id and action.
struct Problem {
  std::string message;  // "what is wrong; what to do"
  std::string field;
};
using Problems = std::vector<Problem>;

// Reads the pod and the settings only.
struct PodRule {
  RuleDescriptor descriptor;
  void (*check)(const PodContext& context, Problems& problems);
  // Runs on every workspace pod, also where it is not to be a CVM or CVMs are disabled.
  bool every_workspace = false;
};

// Reads one node and the settings only; runs when a node changes, never in a request.
struct NodeRule {
  RuleDescriptor descriptor;
  bool gpu_pods_only = false;
  std::optional<NodeProblem> (*check)(const NodeFacts& node, const Settings& settings);
};

std::span<const PodRule> pod_rules();
std::span<const NodeRule> node_rules();

// "no-candidate-node": the one rule about nodes that no single node breaks; the engine applies it.
const RuleDescriptor& no_candidate_node_rule();

// Every rule's descriptor: pod rules, node rules and the one above, sorted by id.
std::span<const RuleDescriptor> all_rules();
const RuleDescriptor* find_rule(std::string_view id);

// The settings' action for a rule, else its default.
RuleAction action_of(const RuleDescriptor& rule, const Settings& settings);

}  // namespace cvm
