// GpuRequests: which vendors' GPUs the containers of a pod request as extended resources.
//
// Their names are the device plugins'. Claims (dynamic resource allocation) do not say what they
// hold and are not counted.
#pragma once

#include "policies/model/compatibility.hpp"

namespace cvm {

struct Container;
struct PodView;

struct GpuRequests {
  bool nvidia = false, amd = false, intel = false;
  std::string_view resource;  // the first that is requested: "nvidia.com/gpu"; into the pod

  bool any() const { return nvidia || amd || intel; }
};

// Reads requests and limits above zero of every container but the supervisor.
GpuRequests gpu_requests(const PodView& pod, const Compatibility& compatibility);
GpuRequests gpu_requests(const Container& container, const Compatibility& compatibility);

}  // namespace cvm
