// What the machine and the container give this process.
#pragma once

#include <cstddef>

namespace cvm::webhook {

// One thread a core that we may use, by affinity and by the cgroup's CPU quota; at least 2, so that
// a burst of handshakes (300 us each) does not stall requests.
unsigned default_threads();

// Raises the soft limit of open descriptors to the hard one and returns it.
std::size_t raise_descriptor_limit();

}  // namespace cvm::webhook
