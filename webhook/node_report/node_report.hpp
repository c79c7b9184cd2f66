// What `nodes` has to say of an inventory, before it is printed in one form or another.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "policies/compatibility/cloud.hpp"
#include "policies/compatibility/distribution.hpp"
#include "policies/compatibility/selinux.hpp"
#include "policies/compatibility/user_namespaces.hpp"
#include "policies/nodes/node_inventory.hpp"

namespace cvm::webhook {

struct ReportedReason {
  std::string_view rule;  // its id; static storage
  RuleAction action = RuleAction::kDeny;
  bool gpu_pods_only = false;
  std::string message;  // in full
  std::string change;   // what would have to change
};

using GpuResources = std::map<std::string, std::int64_t>;  // "nvidia.com/gpu" -> allocatable pieces

// Nodes with equal facts.
struct NodeKind {
  NodeFacts facts;  // without a name
  bool cvm = true;  // can host a CVM
  bool gpu = true;  // can host a CVM with a GPU, should it have one
  HostingPlatform hosting;
  Distribution distribution;
  Selinux selinux;
  GpuResources gpus;
  NodeUserNamespaces user_namespaces;  // mode native
  std::vector<ReportedReason> reasons;

  bool has_gpu() const;
};

struct ReportedNode {
  std::string name;
  std::size_t kind = 0;  // position in NodeReport::kinds
};

struct NodeReport {
  std::vector<NodeKind> kinds;
  std::vector<ReportedNode> nodes;  // by name
  std::size_t can_host = 0;         // nodes that can host a CVM
  std::size_t can_host_gpu = 0;     // of these, nodes with a GPU that the CVM can have
  Mode mode = Mode::kSupervised;

  // "12 of 40 nodes can host CVMs, 3 of them with a GPU"
  std::string summary() const;
};

// `settings`: those of the inventory; must outlive the report, which may point into them.
NodeReport make_node_report(const NodeInventory& inventory, const Settings& settings);

}  // namespace cvm::webhook
