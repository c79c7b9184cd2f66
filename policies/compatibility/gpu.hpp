// Whose GPU an extended resource stands for.
#pragma once

#include <optional>
#include <string_view>

namespace cvm {

enum class GpuVendor { kNvidia, kAmd, kIntel };

// nvidia.com/gpu, nvidia.com/gpu.shared, nvidia.com/mig-*, amd.com/gpu, gpu.intel.com/*; nullopt
// for every other resource.
std::optional<GpuVendor> gpu_vendor(std::string_view resource);

}  // namespace cvm
