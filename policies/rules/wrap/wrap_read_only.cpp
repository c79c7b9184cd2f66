// Warns, with placement wrap, of read-only mounts of volumes that last: envbox mounts them
// read-write first and changes owner and mode of their top directory.

#include <fmt/format.h>

#include <algorithm>

#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/mutations/wrap/wrapping.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

constexpr std::string_view kOwnSources[] = {"configMap",   "secret",   "projected",
                                            "downwardAPI", "emptyDir", "image"};

bool lasts(const Volume& volume) {
  return std::find(std::begin(kOwnSources), std::end(kOwnSources), volume.source) ==
         std::end(kOwnSources);
}

void check_wrap_read_only(const PodContext& context, Problems& problems) {
  if (!is_to_be_wrapped(context)) return;
  const Container& container = context.wrapping->container();
  for (std::size_t index = 0; index < container.volume_mounts.size(); ++index) {
    const VolumeMount& mount = container.volume_mounts[index];
    const Volume* volume = find_volume(context.pod, mount.name);
    if (volume == nullptr || !lasts(*volume) || !(mount.read_only || volume->read_only)) continue;
    problems.push_back(
        {fmt::format(
             "container {} mounts volume {} read-only, and envbox mounts it read-write before and "
             "changes the owner of its top directory; use a copy where that matters",
             quoted(container.name), quoted(mount.name)),
         fmt::format("{}.volumeMounts[{}].readOnly", field_path(container), index)});
  }
}

}  // namespace

constinit const PodRule rules::wrap_read_only{
    .descriptor =
        {.id = "wrap-read-only",
         .summary = "Placement wrap: envbox changes a volume that the workspace mounts "
                    "read-only",
         .default_action = RuleAction::kWarn,
         .calls = kPodRuleCalls,
         .explanation = {.checks = "Placement wrap: the workspace mounts a volume that lasts, as a "
                                   "claim, with readOnly: true.",
                         .why = "Envbox mounts it read-write first and changes owner and mode of "
                                "its top directory.",
                         .fix = "Use a copy where that matters.",
                         .fields = {"spec.containers[*].volumeMounts[*].name",
                                    "spec.containers[*].volumeMounts[*].readOnly", "spec.volumes",
                                    "spec.containers[*].name",
                                    "metadata.annotations[cvm-webhook.io/workspace-container]",
                                    "metadata.annotations[kubectl.kubernetes.io/default-container]",
                                    "metadata.annotations[cvm-webhook.io/supervisor]"},
                         .settings = {"supervisor.placement"},
                         .sources = {"docs/modes.md",
                                     "https://github.com/coder/envbox/blob/main/cli/docker.go"}}},
    .check = check_wrap_read_only,
};

}  // namespace cvm
