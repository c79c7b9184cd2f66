// What the webhook's service account may do, as the API server judges it.
#pragma once

#include "webhook/doctor/cluster_facts.hpp"
#include "webhook/kubernetes/api/api_reader.hpp"

namespace cvm::webhook {

// Asks about every verb of manifests/base/rbac.yaml and notes the answers. `of_ourselves`: we are
// that service account (SelfSubjectAccessReview); else about it (SubjectAccessReview), which takes
// the right to create these.
void review_access(const ApiReader& reader, bool of_ourselves, ClusterFacts& facts);

}  // namespace cvm::webhook
