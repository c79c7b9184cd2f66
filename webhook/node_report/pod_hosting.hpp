// Which of the nodes could host the pods of a file, and those that its objects make, were they
// CVMs.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "policies/nodes/node_inventory.hpp"
#include "webhook/evaluation/pod_documents.hpp"

namespace cvm::webhook {

struct PodHosting {
  std::string name, ns;        // ns: as the file has it; may be empty
  std::uint32_t nodes = 0;     // that the pod may land on
  std::uint32_t can_host = 0;  // of these
  std::string reason;          // why none can; empty where one can
};

// Objects that are no pods are left out with a note on the standard error. Throws Unusable where
// the file has no pod or one that no API server would take.
std::vector<PodHosting> find_hosting(const InputFile& file, const NodeInventory& inventory,
                                     const Settings& settings);

std::string print_pod_table(const std::vector<PodHosting>& pods);

// A list of {"name", "namespace", "nodes", "canHost", "reason"}.
nlohmann::ordered_json pods_to_json(const std::vector<PodHosting>& pods);

}  // namespace cvm::webhook
