#include "policies/model/gpu_requests.hpp"

#include "policies/model/quantity.hpp"
#include "policies/model/workspace.hpp"

namespace cvm {

namespace {

bool* vendor_of(std::string_view resource, GpuRequests& gpus) {
  if (resource == "nvidia.com/gpu" || resource == "nvidia.com/gpu.shared" ||
      resource.starts_with("nvidia.com/mig-")) {
    return &gpus.nvidia;
  }
  if (resource == "amd.com/gpu") return &gpus.amd;
  if (resource.starts_with("gpu.intel.com/")) return &gpus.intel;
  return nullptr;
}

void collect(const KeyValues& amounts, GpuRequests& gpus) {
  for (const KeyValue& amount : amounts) {
    bool* vendor = vendor_of(amount.key, gpus);
    if (vendor == nullptr) continue;
    const auto quantity = parse_quantity(amount.value);
    if (!quantity || *quantity > 0) *vendor = true;
  }
}

}  // namespace

GpuRequests gpu_requests(const Container& container) {
  GpuRequests gpus;
  collect(container.requests, gpus);
  collect(container.limits, gpus);
  return gpus;
}

GpuRequests gpu_requests(const PodView& pod) {
  GpuRequests gpus;
  pod.for_each_container([&gpus](const Container& container) {
    // What the settings give the supervisor must not change the plan on a second call.
    if (container.name == kSupervisorName) return;
    collect(container.requests, gpus);
    collect(container.limits, gpus);
  });
  return gpus;
}

}  // namespace cvm
