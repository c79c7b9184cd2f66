#include <fmt/format.h>

#include <utility>

#include "policies/mutations/plan.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

void check_workspace_cache(const PodContext& context, Problems& problems) {
  if (context.settings.mode != Mode::kSupervised) return;
  const auto add = [&problems](std::string problem, std::string_view annotation) {
    if (problem.empty()) return;
    problems.push_back({std::move(problem), fmt::format("metadata.annotations[{}]", annotation)});
  };
  add(cache_key_problem(context.pod), kCacheKeyAnnotation);
  // Of a wrapped container wrap-unsupported says the same.
  if (context.plan.wrap() != nullptr) return;
  add(context.plan.volumes().cache_volume_problem(context.pod, context.supervisor),
      kCacheVolumeAnnotation);
}

}  // namespace

constinit const PodRule rules::workspace_cache{
    .descriptor =
        {.id = "workspace-cache",
         .summary = "The pod's annotations name a cache that it cannot have",
         .default_action = RuleAction::kDeny,
         .calls = kPodRuleCalls,
         .explanation =
             {.checks =
                  "The annotation cvm-webhook.io/cache-key, by which a pod of a cluster with "
                  "caching names its directory in its namespace's cache of the node, is a DNS "
                  "label. The annotation cvm-webhook.io/cache-volume names a "
                  "persistentVolumeClaim, ephemeral or emptyDir volume of the pod; where "
                  "supervisor.imagesOnCacheVolume is on, no other container sees what the "
                  "supervisor keeps in it. With placement wrap the volume is "
                  "wrap-unsupported's business.",
              .why =
                  "A key with a slash would lead out of the workspace's directory, and the API "
                  "server would refuse the pod for a volume that is not there, without a word of "
                  "why it is mounted.",
              .fix = "Correct the annotation, or leave it out: the cache is then that of the pod's "
                     "name, or an empty one.",
              .fields = {"metadata.annotations[cvm-webhook.io/cache-key]",
                         "metadata.annotations[cvm-webhook.io/cache-volume]", "spec.volumes"},
              .settings = {"caching", "supervisor.imagesOnCacheVolume"},
              .sources = {"https://kubernetes.io/docs/concepts/storage/volumes/#using-subpath"}}},
    .check = check_workspace_cache,
};

}  // namespace cvm
