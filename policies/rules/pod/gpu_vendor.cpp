// Refuses GPUs of vendors that a CVM cannot pass on to its inner container.
#include <fmt/format.h>

#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/rules/rules.hpp"
#include "policies/rules/user_part.hpp"

namespace cvm {

namespace {

void check_gpus(const Container& container, const Compatibility& compatibility,
                Problems& problems) {
  const GpuRequests gpus = gpu_requests(container, compatibility);
  const auto refuse = [&](std::string_view vendor, std::string_view resources) {
    problems.push_back(
        {fmt::format(
             "container {} requests {} and a CVM can use NVIDIA GPUs only; remove the request of "
             "{}, or set the label cvm-webhook.io/cvm to \"false\" to run an ordinary pod",
             quoted(container.name), vendor, resources),
         fmt::format("{}.resources", field_path(container))});
  };
  if (gpus.amd) refuse("an AMD GPU", "amd.com/gpu");
  if (gpus.intel) refuse("an Intel GPU", "gpu.intel.com/*");
}

void check_gpu_vendor(const PodContext& context, Problems& problems) {
  if (context.settings.mode == Mode::kNative) return;  // gpu-native says it of every vendor
  if (!context.gpus.amd && !context.gpus.intel) return;
  for_each_user_container(context, [&](const Container& container) {
    check_gpus(container, context.settings.compatibility, problems);
  });
}

}  // namespace

constinit const PodRule rules::gpu_vendor{
    .descriptor =
        {.id = "gpu-vendor",
         .summary = "The pod requests an AMD or Intel GPU",
         .calls = kPodRuleCalls,
         .explanation = {.checks = "A container requests an AMD or Intel GPU: amd.com/gpu, "
                                   "gpu.intel.com/*, or what compatibility.gpus says is theirs.",
                         .why = "A CVM can pass on NVIDIA GPUs only.",
                         .fix = "Remove the request, or set the label cvm-webhook.io/cvm to "
                                "\"false\" to run an ordinary pod.",
                         .fields = {"spec.containers[*].resources.limits",
                                    "spec.initContainers[*].resources.limits",
                                    "spec.ephemeralContainers[*].resources.limits",
                                    "spec.containers[*].resources.requests",
                                    "spec.initContainers[*].resources.requests",
                                    "spec.ephemeralContainers[*].resources.requests"},
                         .settings = {"mode", "compatibility.gpus"},
                         .sources = {"https://github.com/coder/docs/blob/main/admin/"
                                     "workspace-management/cvms/index.md"}}},
    .check = check_gpu_vendor,
};

}  // namespace cvm
