// Reads what a preflight needs from an API server. Changes nothing in the cluster.
#pragma once

#include "policies/model/result.hpp"
#include "webhook/doctor/cluster_facts.hpp"
#include "webhook/kubernetes/api/api_reader.hpp"

namespace cvm::webhook {

// What may not be read, or is not there, is noted in the facts; an error is an API server that does
// not answer, or does not know who asks. `in_cluster`: we are a pod, by whose name and with whose
// rights the API server is asked, and which reaches Services.
Result<ClusterFacts> collect_facts(const ClusterAccess& access, bool in_cluster);

}  // namespace cvm::webhook
