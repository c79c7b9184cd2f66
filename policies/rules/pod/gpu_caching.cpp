// Refuses GPUs where CVMs are cached: the two do not work together.
#include <fmt/format.h>

#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/rules/rules.hpp"
#include "policies/rules/user_part.hpp"

namespace cvm {

namespace {

void check_gpu_caching(const PodContext& context, Problems& problems) {
  if (context.settings.mode == Mode::kNative) return;  // nothing is cached; gpu-native speaks
  if (!context.settings.caching || !context.gpus.any()) return;
  for_each_gpu_container(context, [&](const Container& container) {
    problems.push_back(
        {fmt::format("container {} requests a GPU and CVMs of this cluster are cached, which GPUs "
                     "do not work with; remove the GPU request, or ask your cluster administrator "
                     "to set caching: false in the settings of cvm-webhook",
                     quoted(container.name)),
         fmt::format("{}.resources", field_path(container))});
  });
}

}  // namespace

constinit const PodRule rules::gpu_caching{
    .descriptor =
        {.id = "gpu-caching",
         .summary = "The pod requests a GPU in a cluster whose CVMs are cached",
         .calls = kPodRuleCalls,
         .explanation =
             {.checks =
                  "A container requests a GPU of any vendor and the settings have caching: true.",
              .why = "GPUs do not work in cached CVMs.",
              .fix =
                  "Remove the GPU request, or turn caching off: for some pods only, by a profile.",
              .fields = {"spec.containers[*].resources.limits",
                         "spec.initContainers[*].resources.limits",
                         "spec.ephemeralContainers[*].resources.limits",
                         "spec.containers[*].resources.requests",
                         "spec.initContainers[*].resources.requests",
                         "spec.ephemeralContainers[*].resources.requests"},
              .settings = {"caching", "mode", "compatibility.gpus"},
              .sources = {"https://github.com/coder/docs/blob/main/admin/workspace-management/cvms/"
                          "management.md"}}},
    .check = check_gpu_caching,
};

}  // namespace cvm
