// Mode native: refuses GPUs, which Sysbox does not pass on: their devices belong to nobody in its
// containers, and the hooks that bring the vendor's libraries do not run there.
// Seen in https://github.com/nestybox/sysbox/issues/50 and issues/1039.
#include <fmt/format.h>

#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/rules/rules.hpp"
#include "policies/rules/user_part.hpp"

namespace cvm {

namespace {

void check_gpu_native(const PodContext& context, Problems& problems) {
  if (context.settings.mode != Mode::kNative || !context.gpus.any()) return;
  for_each_gpu_container(context, [&](const Container& container) {
    problems.push_back(
        {fmt::format(
             "container {} requests a GPU and Sysbox passes none on to its pods; remove the GPU "
             "request, or set the label cvm-webhook.io/cvm to \"false\" to run an ordinary pod",
             quoted(container.name)),
         fmt::format("{}.resources", field_path(container))});
  });
}

}  // namespace

constinit const PodRule rules::gpu_native{
    .descriptor =
        {.id = "gpu-native",
         .summary = "Mode native: the pod requests a GPU, which Sysbox does not pass on",
         .calls = kPodRuleCalls,
         .explanation =
             {.checks = "Mode native: a container requests a GPU (resources.requests or limits).",
              .why = "Sysbox passes no GPU on: its devices belong to nobody in the container, and "
                     "the hooks that bring the vendor's libraries do not run.",
              .fix = "Remove the GPU request, or set the label cvm-webhook.io/cvm to \"false\" to "
                     "run an ordinary pod.",
              .fields = {"spec.containers[*].resources.limits",
                         "spec.initContainers[*].resources.limits",
                         "spec.ephemeralContainers[*].resources.limits",
                         "spec.containers[*].resources.requests",
                         "spec.initContainers[*].resources.requests",
                         "spec.ephemeralContainers[*].resources.requests"},
              .settings = {"mode", "compatibility.gpus"},
              .sources =
                  {"https://github.com/nestybox/sysbox/blob/master/docs/user-guide/limitations.md",
                   "https://github.com/nestybox/sysbox/issues/50",
                   "https://github.com/nestybox/sysbox/issues/1039"}}},
    .check = check_gpu_native,
};

}  // namespace cvm
