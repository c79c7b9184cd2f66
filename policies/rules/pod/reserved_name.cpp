// Keeps the names of the plan for the plan: through a supervisor or a volume of their own making,
// or a mount of the plan's volumes, users would reach the privileged part of their pod.
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
    problems.push_back({"container " + quoted(container.name) +
                            " targets the supervisor, which users cannot enter; target the "
                            "workspace container instead",
                        field_path(container) + ".targetContainerName"});
  }
  for (std::size_t index = 0; index < container.volume_mounts.size(); ++index) {
    const VolumeMount& mount = container.volume_mounts[index];
    if (!mount.name.starts_with(kReservedPrefix)) continue;
    problems.push_back({"container " + quoted(container.name) + " mounts volume " +
                            quoted(mount.name) +
                            " and names that begin with cvm- are the supervisor's; remove the "
                            "mount, or rename the volume if it is yours",
                        field_path(container) + ".volumeMounts[" + std::to_string(index) + "]"});
  }
}

// Where nothing is wrapped, it would name a supervisor that is none. With placement wrap it is a
// part of the plan; while a pod runs, plan-changed keeps it.
void check_supervisor_annotation(const PodContext& context, Problems& problems) {
  const bool is_plans = context.is_cvm && (context.wrapping != nullptr ||
                                           context.request.operation != Operation::kCreate);
  if (is_plans || !context.pod.annotations.find(kSupervisorAnnotation)) return;
  problems.push_back({"annotation " + quoted(kSupervisorAnnotation) +
                          " is cvm-webhook's, and no container of this pod is wrapped; remove it",
                      "metadata.annotations[" + std::string(kSupervisorAnnotation) + "]"});
}

void check_profile(const PodContext& context, Problems& problems) {
  const bool is_there = context.pod.annotations.find(kProfileAnnotation).has_value();
  if (!is_there || (context.is_cvm && is_made_by(context.pod, context.plan.profile()))) return;
  problems.push_back({"annotation " + quoted(kProfileAnnotation) +
                          " says by which profile cvm-webhook made a CVM, and it did not make "
                          "this pod by that one; remove it: the label of that name asks for a "
                          "profile",
                      "metadata.annotations[" + std::string(kProfileAnnotation) + "]"});
}

void check_reserved_name(const PodContext& context, Problems& problems) {
  context.pod.for_each_container([&](const Container& container) {
    if (&container != context.supervisor) check_reserved_container(container, context, problems);
  });
  if (!context.is_cvm && has_plan(context.pod)) {
    problems.push_back({"annotation " + quoted(kPlanAnnotation) +
                            " is cvm-webhook's, and this pod is no CVM; remove it",
                        "metadata.annotations[" + std::string(kPlanAnnotation) + "]"});
  }
  check_supervisor_annotation(context, problems);
  check_profile(context, problems);
  for (std::size_t index = 0; index < context.pod.volumes.size(); ++index) {
    const Volume& volume = context.pod.volumes[index];
    if (!volume.name.starts_with(kReservedPrefix)) continue;
    if (context.is_cvm && context.plan.is_plan_volume(volume, context)) continue;
    problems.push_back({"volume " + quoted(volume.name) +
                            " is not one that cvm-webhook puts in and names that begin with cvm- "
                            "are reserved; rename it",
                        "spec.volumes[" + std::to_string(index) + "].name"});
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
