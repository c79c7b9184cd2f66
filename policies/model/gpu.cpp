#include "policies/model/gpu.hpp"

namespace cvm {

namespace {

bool covers(std::string_view row, std::string_view resource) {
  if (!row.ends_with('*')) return row == resource;
  row.remove_suffix(1);
  return resource.starts_with(row);
}

}  // namespace

std::optional<GpuVendor> gpu_vendor(std::string_view resource, const Compatibility& compatibility) {
  for (const GpuRow& row : compatibility.gpus) {
    if (covers(row.resource, resource)) return row.vendor;
  }
  // The names under which the vendors' device plugins offer their GPUs.
  if (resource == "nvidia.com/gpu" || resource == "nvidia.com/gpu.shared" ||
      resource.starts_with("nvidia.com/mig-")) {
    return GpuVendor::kNvidia;
  }
  if (resource == "amd.com/gpu") return GpuVendor::kAmd;
  if (resource.starts_with("gpu.intel.com/")) return GpuVendor::kIntel;
  return std::nullopt;
}

}  // namespace cvm
