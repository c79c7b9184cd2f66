// Extended resources ("nvidia.com/gpu") that a pod requests, as the scheduler adds them up.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace cvm {

struct PodView;

struct ExtendedRequest {
  std::string_view resource;
  std::int64_t amount = 0;   // of the containers and sidecars so far
  std::int64_t largest = 0;  // the most that is needed at one time: what the pod requests
};

// True for names with a domain, but for those in which "kubernetes.io/" stands (as Kubernetes'
// IsExtendedResourceName). hugepages-2Mi, attachable-volumes-... and requests.* are none.
bool is_extended_resource(std::string_view name);

// Fills `out`, which is cleared first. The larger of all containers and sidecars together and each
// init container beside the sidecars before it (KEP-753). A limit without a request is the request.
void extended_requests(const PodView& pod, std::vector<ExtendedRequest>& out);

}  // namespace cvm
