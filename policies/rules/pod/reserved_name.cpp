// Keeps the names of the plan for the plan: through a supervisor or a volume of their own making,
// or a mount of the plan's volumes, users would reach the privileged part of their pod.
#include <fmt/format.h>

#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/model/workspace.hpp"
#include "policies/mutations/plan.hpp"
#include "policies/mutations/profile_annotation.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

void check_reserved_container(const Container& container, const PodContext& context,
                              Problems& problems) {
  if (container.name == kSupervisorName) {
    problems.push_back(
        {"container \"cvm-supervisor\" is not the one that cvm-webhook puts in, or "
         "was changed after it was put in; rename or remove it: the CVM gets its "
         "supervisor by itself",
         field_path(container) + ".name"});
    return;
  }
  const bool targets_supervisor = !container.target_container_name.empty() &&
                                  (container.target_container_name == kSupervisorName ||
                                   (context.supervisor != nullptr &&
                                    container.target_container_name == context.supervisor->name));
  if (targets_supervisor) {
    problems.push_back({fmt::format("container {} targets the supervisor, which users cannot "
                                    "enter; target the workspace container instead",
                                    quoted(container.name)),
                        fmt::format("{}.targetContainerName", field_path(container))});
  }
  for (std::size_t index = 0; index < container.volume_mounts.size(); ++index) {
    const VolumeMount& mount = container.volume_mounts[index];
    if (!mount.name.starts_with(kReservedPrefix)) continue;
    problems.push_back(
        {fmt::format("container {} mounts volume {} and names that begin with cvm- are the "
                     "supervisor's; remove the mount, or rename the volume if it is yours",
                     quoted(container.name), quoted(mount.name)),
         fmt::format("{}.volumeMounts[{}]", field_path(container), index)});
  }
}

// Where nothing is wrapped, it would name a supervisor that is none. With placement wrap it is a
// part of the plan; while a pod runs, plan-changed keeps it.
void check_supervisor_annotation(const PodContext& context, Problems& problems) {
  const bool is_plans = context.is_cvm && (context.wrapping != nullptr ||
                                           context.request.operation != Operation::kCreate);
  if (is_plans || !context.pod.annotations.find(kSupervisorAnnotation)) return;
  problems.push_back(
      {fmt::format(
           "annotation {} is cvm-webhook's, and no container of this pod is wrapped; remove it",
           quoted(kSupervisorAnnotation)),
       fmt::format("metadata.annotations[{}]", kSupervisorAnnotation)});
}

void check_profile(const PodContext& context, Problems& problems) {
  const bool is_there = context.pod.annotations.find(kProfileAnnotation).has_value();
  if (!is_there || (context.is_cvm && is_made_by(context.pod, context.plan.profile()))) return;
  problems.push_back(
      {fmt::format(
           "annotation {} says by which profile cvm-webhook made a CVM, and it did not make this "
           "pod by that one; remove it: the label of that name asks for a profile",
           quoted(kProfileAnnotation)),
       fmt::format("metadata.annotations[{}]", kProfileAnnotation)});
}

void check_reserved_name(const PodContext& context, Problems& problems) {
  context.pod.for_each_container([&](const Container& container) {
    if (&container != context.supervisor) check_reserved_container(container, context, problems);
  });
  if (!context.is_cvm && has_plan(context.pod)) {
    problems.push_back(
        {fmt::format("annotation {} is cvm-webhook's, and this pod is no CVM; remove it",
                     quoted(kPlanAnnotation)),
         fmt::format("metadata.annotations[{}]", kPlanAnnotation)});
  }
  check_supervisor_annotation(context, problems);
  check_profile(context, problems);
  for (std::size_t index = 0; index < context.pod.volumes.size(); ++index) {
    const Volume& volume = context.pod.volumes[index];
    if (!volume.name.starts_with(kReservedPrefix)) continue;
    if (context.is_cvm && context.plan.is_plan_volume(volume, context)) continue;
    problems.push_back({fmt::format("volume {} is not one that cvm-webhook puts in and names that "
                                    "begin with cvm- are reserved; rename it",
                                    quoted(volume.name)),
                        fmt::format("spec.volumes[{}].name", index)});
  }
}

}  // namespace

constinit const PodRule rules::reserved_name{
    .descriptor =
        {.id = "reserved-name",
         .summary = "The pod uses the name of the supervisor or of one of its volumes",
         .calls = kPodRuleCalls,
         .guards_supervisor = true,
         .explanation =
             {.checks =
                  "A container cvm-supervisor or a volume cvm-* that is not exactly the plan's; a "
                  "mount of such a volume, or an ephemeral container that targets the supervisor; "
                  "the annotations that say what cvm-webhook put in, on a pod where it did not.",
              .why = "Through a supervisor or a volume of their own making, or a mount of the "
                     "plan's volumes, users would reach the privileged part of their pod.",
              .fix = "Rename the container or volume, and remove the mount or annotation.",
              .fields = {"spec.containers", "spec.initContainers",
                         "spec.ephemeralContainers[*].name",
                         "spec.ephemeralContainers[*].targetContainerName",
                         "spec.ephemeralContainers[*].volumeMounts[*].name", "spec.volumes",
                         "metadata.annotations[cvm-webhook.io/plan]",
                         "metadata.annotations[cvm-webhook.io/profile]",
                         "metadata.annotations[cvm-webhook.io/supervisor]"},
              .settings = {"isolation.breakGlass"},
              .sources = {"README.md"}}},
    .check = check_reserved_name,
    .scope = Scope::kPod,
};

}  // namespace cvm
