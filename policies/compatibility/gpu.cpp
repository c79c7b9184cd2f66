#include "policies/compatibility/gpu.hpp"

namespace cvm {

std::optional<GpuVendor> gpu_vendor(std::string_view resource) {
  if (resource == "nvidia.com/gpu" || resource == "nvidia.com/gpu.shared" ||
      resource.starts_with("nvidia.com/mig-")) {
    return GpuVendor::kNvidia;
  }
  if (resource == "amd.com/gpu") return GpuVendor::kAmd;
  if (resource.starts_with("gpu.intel.com/")) return GpuVendor::kIntel;
  return std::nullopt;
}

}  // namespace cvm
