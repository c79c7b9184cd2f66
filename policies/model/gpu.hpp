// Whose GPU an extended resource stands for.
#pragma once

#include <optional>
#include <string_view>

#include "policies/model/compatibility.hpp"

namespace cvm {

// nvidia.com/gpu, nvidia.com/gpu.shared, nvidia.com/mig-*, amd.com/gpu, gpu.intel.com/*, and what
// `compatibility` names, which goes before these; nullopt for every other resource.
std::optional<GpuVendor> gpu_vendor(std::string_view resource,
                                    const Compatibility& compatibility = {});

}  // namespace cvm
