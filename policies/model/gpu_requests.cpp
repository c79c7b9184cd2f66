#include "policies/model/gpu_requests.hpp"

#include "policies/model/gpu.hpp"
#include "policies/model/pod_view.hpp"
#include "policies/model/quantity.hpp"
#include "policies/model/workspace.hpp"

namespace cvm {

namespace {

void collect(const KeyValues& amounts, const Compatibility& compatibility, GpuRequests& gpus) {
  for (const KeyValue& amount : amounts) {
    const auto vendor = gpu_vendor(amount.key, compatibility);
    if (!vendor) continue;
    const auto quantity = parse_quantity(amount.value);
    if (quantity && *quantity <= 0) continue;
    if (gpus.resource.empty()) gpus.resource = amount.key;
    switch (*vendor) {
      case GpuVendor::kNvidia:
        gpus.nvidia = true;
        break;
      case GpuVendor::kAmd:
        gpus.amd = true;
        break;
      case GpuVendor::kIntel:
        gpus.intel = true;
        break;
    }
  }
}

}  // namespace

GpuRequests gpu_requests(const Container& container, const Compatibility& compatibility) {
  GpuRequests gpus;
  collect(container.requests, compatibility, gpus);
  collect(container.limits, compatibility, gpus);
  return gpus;
}

GpuRequests gpu_requests(const PodView& pod, const Compatibility& compatibility) {
  GpuRequests gpus;
  pod.for_each_container([&](const Container& container) {
    // What the settings give the supervisor must not change the plan on a second call.
    if (container.name == kSupervisorName) return;
    collect(container.requests, compatibility, gpus);
    collect(container.limits, compatibility, gpus);
  });
  return gpus;
}

}  // namespace cvm
