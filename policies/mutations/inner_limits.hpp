// What the inner container may use, of what its container may.
//
// envbox reads CODER_CPUS and CODER_MEMORY as whole numbers. The kubelet rounds a reference to
// limits.cpu up, and gives what the node has where there is no limit; a quota above that of the
// group around it is refused (cgroup v1). So a variable is given where there is a limit that it can
// tell; without one the inner container has what the container around it has.
#pragma once

#include <cstdint>
#include <optional>

#include "policies/model/pod_view.hpp"

namespace cvm {

// CPUs, where the limit is a whole number of them.
std::optional<std::uint64_t> whole_cpus(const Container& container);

// Bytes of the limit less the reserve, but at least half of the limit.
std::optional<std::uint64_t> inner_memory(const Container& container, double reserve);

}  // namespace cvm
