// The settings that a cluster's webhook reads.
#pragma once

#include "webhook/doctor/check.hpp"

namespace cvm::webhook {

// Those in the ConfigMap that the Deployment mounts; where that is not known or has a mistake, the
// defaults, and `origin` says so.
CheckedSettings live_settings(const ClusterFacts& facts);

}  // namespace cvm::webhook
