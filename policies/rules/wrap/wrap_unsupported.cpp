// Refuses, with placement wrap, what of a workspace container has no way into the CVM, or would
// reach the supervisor's own programs.

#include <fmt/format.h>

#include <algorithm>

#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/mutations/injected.hpp"
#include "policies/mutations/obeyed_variables.hpp"
#include "policies/mutations/plan.hpp"
#include "policies/mutations/wrap/bootstrap_script.hpp"
#include "policies/mutations/wrap/inner_mounts.hpp"
#include "policies/mutations/wrap/wrap_fields.hpp"
#include "policies/rules/rules.hpp"
#include "policies/rules/wrap/wrap_problems.hpp"

namespace cvm {

namespace {

class UnsupportedCheck : WrapProblems {
 public:
  using WrapProblems::WrapProblems;

  void run() {
    if (context_.wrapping->is_too_large()) {
      return add(
          "has more variables, mounts, volumes or text in them than a CVM can be told (1000 of "
          "each, and 512 KiB); leave some out",
          "env");
    }
    for (std::size_t index = 0; index < container_.env.size(); ++index) check_variable(index);
    for (std::size_t index = 0; index < container_.env_from.size(); ++index) check_source(index);
    check_command();
    for (std::size_t index = 0; index < container_.volume_mounts.size(); ++index) {
      check_mount(container_.volume_mounts[index], index);
    }
    check_rest();
  }

 private:
  bool is_exported(std::size_t index) const {
    const auto& exported = context_.wrapping->exported();
    return std::binary_search(exported.begin(), exported.end(), index);
  }

  bool refers_to_exported(std::string_view text) const {
    const auto& exported = context_.wrapping->exported();
    return std::any_of(exported.begin(), exported.end(), [&](std::size_t index) {
      return ShellWords::refers_to(text, container_.env[index].name);
    });
  }

  void check_variable(std::size_t index) {
    const EnvVar& variable = container_.env[index];
    const auto add_problem = [&](std::string_view problem) {
      add(fmt::format("sets the variable {}, {}", quoted(variable.name), problem),
          fmt::format("env[{}]", index));
    };
    const VariableUse use = use_of_variable(variable.name);
    if (use == VariableUse::kEnvbox || context_.wrapping->is_set_by_settings(variable.name)) {
      return add_problem(
          "by which the supervisor is told what to run; remove it: cvm-webhook and the cluster's "
          "settings say that");
    }
    if (is_exported(index)) return;
    if (use == VariableUse::kPrograms) {
      return add_problem(
          "which programs of the supervisor would obey; give it a value of its own in place of "
          "valueFrom, or set it in command");
    }
    if (!can_be_listed(variable.name)) {
      return add_problem(
          "a name that envbox cannot be told; rename it, without comma, * and spaces");
    }
    if (refers_to_exported(variable.value)) {
      add_problem(
          "which is made of one that only the workspace's command gets; rename it so that a shell "
          "can have it");
    }
  }

  void check_source(std::size_t index) {
    const std::string_view prefix = container_.env_from[index].prefix;
    if (is_unused_prefix(prefix) && can_be_listed(prefix)) return;
    add("takes variables by envFrom whose names could be ones that programs of the supervisor "
        "obey; "
        "give envFrom a prefix such as APP_, or list the variables in env with valueFrom",
        fmt::format("envFrom[{}]", index));
  }

  void check_command() {
    // The supervisor's image would stand where the API server looks for one.
    if (container_.image.empty()) add("has no image; name the one that the CVM runs", "image");
    if (container_.command.empty() && !container_.args.empty()) {
      add("has args and no command, and what the image itself runs is not known here; name the "
          "program in command",
          "args");
    }
    if (!container_.command.empty() && container_.command.front().starts_with('-')) {
      add("has a command that begins with -, which a shell takes for an option; name the program "
          "by "
          "its path",
          "command");
    }
    const ShellWords words(container_);
    const auto check_words = [&](const auto& list, std::string_view field) {
      for (std::string_view word : list) {
        const std::string_view name = words.inexpressible_name(word);
        if (name.empty()) continue;
        add(fmt::format("refers to $({}), a variable that no shell can have; rename the variable",
                        readable(name)),
            field);
      }
    };
    check_words(container_.command, "command");
    check_words(container_.args, "args");
    for (const LifecycleAction& action : container_.lifecycle_actions) {
      if (action.where == "lifecycle.postStart") check_words(action.command, action.where);
    }
    // A variable is its name, "=", its value and a zero byte.
    const std::size_t most =
        kLongestVariable - std::string_view("CODER_BOOTSTRAP_SCRIPT").size() - 2;
    if (context_.wrapping->script().size() > most) {
      add(fmt::format("has a command and arguments of {} bytes, and envbox gets them in one "
                      "variable of at most {}; put them in a script of the image or of a ConfigMap",
                      context_.wrapping->script().size(), most),
          "command");
    }
  }

  void check_mount(const VolumeMount& mount, std::size_t index) {
    const auto add_problem = [&](std::string_view problem, std::string_view member) {
      add(fmt::format("mounts volume {} {}", quoted(mount.name), problem),
          fmt::format("volumeMounts[{}].{}", index, member));
    };
    const auto place = [&mount] { return "at " + readable(mount.mount_path); };
    if (const auto problem = mount_path_problem(mount.mount_path); !problem.empty()) {
      add_problem(fmt::format("at {}, which {}", quoted(mount.mount_path), problem), "mountPath");
    }
    if (mount.read_only && is_mounted_by_envbox(mount.mount_path)) {
      add_problem(
          fmt::format("{} read-only, where the CVM's own Docker writes; remove readOnly", place()),
          "readOnly");
    }
    const Volume* volume = find_volume(context_.pod, mount.name);
    if (volume != nullptr && volume->source == "image") {
      add(fmt::format("mounts volume {}, an image, whose owner envbox cannot change as it wants "
                      "to; copy what you need of it into another volume by an init container",
                      quoted(mount.name)),
          fmt::format("volumeMounts[{}].name", index));
    }
    const bool stays_at_token = mount.mount_path.starts_with("/var/run/secrets/") &&
                                supervisor_mount_path(mount.mount_path) == mount.mount_path;
    if (stays_at_token &&
        !is_injected_mount(mount, context_.pod, context_.settings.isolation.injected)) {
      add_problem(
          fmt::format("{}, where the supervisor has its token; choose another path", place()),
          "mountPath");
    }
    if (mount.mount_propagation == "Bidirectional") {
      add_problem(
          "with mountPropagation Bidirectional, by which mounts would reach the node; remove "
          "mountPropagation",
          "mountPropagation");
    }
    if (refers_to_exported(mount.sub_path_expr)) {
      add_problem(
          "by subPathExpr with a variable that only the workspace's command gets; rename the "
          "variable",
          "subPathExpr");
    }
  }

  void check_user() {
    if (container_.security_context.run_as_user || context_.pod.security_context.run_as_user ||
        context_.wrapping->is_set_by_settings("CODER_INNER_USERNAME")) {
      return;
    }
    add("is to run as another user than root, and which one its image names is not known here; set "
        "runAsUser to that user's number",
        "securityContext.runAsUser");
  }

  void check_field(std::string_view field) {
    if (field == "volumeDevices") {
      add("uses volumes as block devices, which envbox cannot pass on; mount them as file systems",
          field);
    } else if (fate_of_field(field) == WrapField::kUnknown) {
      add(fmt::format(
              "has the field {}, and what it means for a CVM is not known to this version of "
              "cvm-webhook; remove it, or ask your cluster administrator for a newer version",
              readable(field)),
          field);
    }
  }

  void check_rest() {
    for (std::string_view field : container_.other_fields) check_field(field);
    const SupervisorVolumes& volumes = context_.plan.wrap()->volumes();
    if (std::string problem = volumes.cache_volume_problem(context_.pod, nullptr);
        !problem.empty()) {
      problems_.push_back(
          {std::move(problem), fmt::format("metadata.annotations[{}]", kCacheVolumeAnnotation)});
    }
    if (context_.pod.security_context.run_as_non_root == true ||
        container_.security_context.run_as_non_root == true) {
      check_user();
    }
    if (context_.gpus.nvidia && !volumes.usr_lib()) {
      add("requests a GPU and envbox ends at once where it is not told the directory of the NVIDIA "
          "libraries; ask your cluster administrator to set gpu.usrLibDir in the settings of "
          "cvm-webhook",
          "resources");
    }
  }
};

void check_wrap_unsupported(const PodContext& context, Problems& problems) {
  if (is_to_be_wrapped(context)) return UnsupportedCheck(context, problems).run();
  // A container that comes later must not see the supervisor's images either.
  const bool is_later = context.request.operation == Operation::kUpdate;
  if (!is_later || context.inner == nullptr || context.plan.wrap() == nullptr) return;
  std::string problem =
      context.plan.wrap()->volumes().cache_volume_problem(context.pod, context.supervisor);
  if (!problem.empty()) problems.push_back({std::move(problem), "spec.ephemeralContainers"});
}

}  // namespace

constinit const PodRule rules::wrap_unsupported{
    .descriptor =
        {.id = "wrap-unsupported",
         .summary = "Placement wrap: the workspace container has a part with no way into "
                    "the CVM",
         .calls = kPodRuleCalls,
         .explanation =
             {.checks =
                  "Placement wrap: parts of the workspace container that have no way into the CVM "
                  "or would reach the supervisor's own programs: variables, command and arguments, "
                  "mounts, block devices, and fields that this version does not know.",
              .why = "The workspace would run without a part that it was given, or the supervisor "
                     "would obey it.",
              .fix = "Each finding says what to do: rename the variable, choose another path, put "
                     "long commands into a script.",
              .fields = {"spec.containers[*]", "spec.initContainers[*].volumeMounts",
                         "spec.ephemeralContainers[*].volumeMounts", "spec.volumes",
                         "spec.securityContext.runAsUser", "spec.securityContext.runAsNonRoot",
                         "metadata.annotations[cvm-webhook.io/cache-volume]",
                         "metadata.annotations[cvm-webhook.io/workspace-container]",
                         "metadata.annotations[kubectl.kubernetes.io/default-container]",
                         "metadata.annotations[cvm-webhook.io/supervisor]"},
              .settings = {"supervisor.placement", "supervisor.env",
                           "supervisor.imagesOnCacheVolume", "gpu.usrLibDir", "isolation.injected"},
              .sources = {"docs/modes.md",
                          "https://github.com/coder/envbox/blob/main/cli/docker.go"}}},
    .check = check_wrap_unsupported,
};

}  // namespace cvm
