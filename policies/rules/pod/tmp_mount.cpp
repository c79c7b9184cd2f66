// Warns of volumes that the workspace container mounts at /tmp or below: what is there when a CVM
// is built is not there in it.
#include <fmt/format.h>

#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

bool is_at_or_below_tmp(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path == "/tmp" || path.starts_with("/tmp/");
}

void check_tmp_mount(const PodContext& context, Problems& problems) {
  if (context.settings.mode == Mode::kNative) return;  // nothing is built
  const auto& mounts = context.workspace->volume_mounts;
  for (std::size_t index = 0; index < mounts.size(); ++index) {
    if (!is_at_or_below_tmp(mounts[index].mount_path)) continue;
    problems.push_back(
        {fmt::format("container {} mounts volume {} at {} and files under /tmp are not there once "
                     "the CVM is built; mount it elsewhere",
                     quoted(context.workspace->name), quoted(mounts[index].name),
                     readable(mounts[index].mount_path)),
         fmt::format("{}.volumeMounts[{}].mountPath", field_path(*context.workspace), index)});
  }
}

}  // namespace

constinit const PodRule rules::tmp_mount{
    .descriptor = {.id = "tmp-mount",
                   .summary = "The workspace container mounts a volume at /tmp or below",
                   .default_action = RuleAction::kWarn,
                   .calls = kPodRuleCalls,
                   .explanation =
                       {.checks = "The workspace container mounts a volume at /tmp or below.",
                        .why = "What is under /tmp when a CVM is built is not there in it.",
                        .fix = "Mount the volume elsewhere.",
                        .fields = {"spec.containers[*].volumeMounts[*].mountPath",
                                   "spec.containers[*].name",
                                   "metadata.annotations[cvm-webhook.io/workspace-container]",
                                   "metadata.annotations[kubectl.kubernetes.io/default-container]",
                                   "metadata.annotations[cvm-webhook.io/supervisor]"},
                        .settings = {"mode"},
                        .sources = {"https://github.com/coder/docs/blob/main/admin/"
                                    "workspace-management/cvms/images.md",
                                    "https://github.com/coder/docs/blob/main/workspaces/cvms.md"}}},
    .check = check_tmp_mount,
};

}  // namespace cvm
