// What `kubectl get ... -o yaml` printed of a cluster.
#pragma once

#include <string>
#include <vector>

#include "webhook/doctor/cluster_facts.hpp"

namespace cvm::webhook {

// Objects and lists in YAML or JSON, as many documents as there are; "-": the standard input.
// Throws Unusable, with file, line and column, for what is no Kubernetes object.
ClusterFacts read_dumps(const std::vector<std::string>& files);

}  // namespace cvm::webhook
