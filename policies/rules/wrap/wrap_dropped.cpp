// Warns, with placement wrap, of what of a workspace container means nothing inside the CVM.

#include <fmt/format.h>

#include <algorithm>

#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/mutations/injected.hpp"
#include "policies/mutations/wrap/bootstrap_script.hpp"
#include "policies/mutations/wrap/lifecycle_actions.hpp"
#include "policies/mutations/wrap/wrap_fields.hpp"
#include "policies/rules/rules.hpp"
#include "policies/rules/wrap/wrap_problems.hpp"

namespace cvm {

namespace {

std::string list(const std::vector<std::string_view>& names) {
  constexpr std::size_t kMost = 10;
  std::vector<std::string> texts;
  texts.reserve(names.size());
  for (std::string_view name : names) texts.push_back(readable(name));
  return list_some(texts, kMost);
}

class DroppedCheck : WrapProblems {
 public:
  using WrapProblems::WrapProblems;

  void run() {
    if (context_.wrapping->is_too_large()) return;  // wrap-unsupported's to say
    check_security_context();
    check_pod();
    check_console();
    check_image();
    if (!container_.ports.empty()) {
      add("has ports, and envbox forwards none of the pod's into the CVM; reach it by what it "
          "connects to itself, such as an agent",
          "ports");
    }
    for (const LifecycleAction& action : container_.lifecycle_actions) check_action(action);
    check_probes();
    check_references(container_.command, "command");
    check_references(container_.args, "args");
    for (std::size_t index = 0; index < container_.volume_mounts.size(); ++index) {
      if (container_.volume_mounts[index].mount_propagation != "HostToContainer") continue;
      add("mounts a volume with mountPropagation HostToContainer, and mounts that come later do "
          "not "
          "reach the CVM",
          fmt::format("volumeMounts[{}].mountPropagation", index));
    }
  }

 private:
  void check_security_context() {
    std::vector<std::string_view> names(container_.security_context.other_fields.begin(),
                                        container_.security_context.other_fields.end());
    if (container_.security_context.run_as_group) names.emplace_back("runAsGroup");
    if (names.empty()) return;
    add(fmt::format("sets {} in its securityContext, which has no effect in the CVM: Sysbox "
                    "isolates it in a user namespace",
                    list(names)),
        "securityContext");
  }

  void check_pod() {
    const PodSecurityContext& found = context_.pod.security_context;
    std::vector<std::string_view> names;
    if (found.run_as_group) names.emplace_back("runAsGroup");
    if (found.seccomp_profile) names.emplace_back("seccompProfile");
    if (found.app_armor_profile) names.emplace_back("appArmorProfile");
    if (found.se_linux_options) names.emplace_back("seLinuxOptions");
    if (!found.sysctls.empty()) names.emplace_back("sysctls");
    if (found.has_supplemental_groups) names.emplace_back("supplementalGroups");
    if (!names.empty()) {
      problems_.push_back({fmt::format("the pod sets {} in its securityContext, which the CVM does "
                                       "not get: it has its own network and user namespace",
                                       list(names)),
                           "spec.securityContext"});
    }
    if (context_.pod.has_host_aliases) {
      problems_.push_back(
          {"the pod has hostAliases, and the CVM has an /etc/hosts of its own; use names that DNS "
           "knows",
           "spec.hostAliases"});
    }
  }

  void check_console() {
    for (std::string_view field : container_.other_fields) {
      if (fate_of_field(field) != WrapField::kRemoved) continue;
      add(fmt::format("sets {}, which has no effect in the CVM", readable(field)), field);
    }
    if (!container_.termination_message_path.empty() &&
        container_.termination_message_path != kDefaultTerminationMessagePath) {
      add("sets terminationMessagePath, and messages are not read from the CVM",
          "terminationMessagePath");
    }
  }

  void check_image() {
    if (container_.image_pull_policy == "Never") {
      add("has imagePullPolicy Never, and envbox pulls the image whenever the CVM starts",
          "imagePullPolicy");
    }
    if (context_.pod.image_pull_secrets.size() > 1) {
      problems_.push_back(
          {fmt::format(
               "the pod has several imagePullSecrets, and envbox is given the first one only: {}",
               quoted(context_.pod.image_pull_secrets.front())),
           "spec.imagePullSecrets"});
    }
  }

  bool has(std::string_view field) const {
    const auto& fields = container_.other_fields;
    return std::find(fields.begin(), fields.end(), field) != fields.end();
  }

  void check_probes() {
    if (has("livenessProbe") && !has("startupProbe")) {
      add("has a livenessProbe and no startupProbe, and the CVM is not there before envbox has "
          "pulled its image; add a startupProbe that waits for that",
          "startupProbe");
    }
    const bool runs_commands = std::any_of(
        container_.lifecycle_actions.begin(), container_.lifecycle_actions.end(),
        [](const LifecycleAction& action) { return action.kind == LifecycleAction::Kind::kExec; });
    for (std::size_t position : context_.wrapping->exported()) {
      if (!runs_commands) break;
      add(fmt::format(
              "sets the variable {}, which its command gets and its probes and hooks do not",
              quoted(container_.env[position].name)),
          fmt::format("env[{}]", position));
    }
    if (has("restartPolicyRules")) {
      add("has restartPolicyRules, and the exit code that they see is that of envbox",
          "restartPolicyRules");
    }
    if (has(kStopSignalField)) {
      add("has a stopSignal, and envbox sends the workspace SIGTERM whatever it gets itself",
          kStopSignalField);
    }
  }

  void check_action(const LifecycleAction& action) {
    if (stays(action)) return;
    const bool is_post_start = action.where == "lifecycle.postStart";
    const bool is_carried =
        is_post_start
            ? action.kind == LifecycleAction::Kind::kExec
            : !carried_command(action, container_, context_.wrapping->inner_target()).empty();
    if (is_carried) return;
    add(fmt::format("has a {} that cannot be asked of the CVM ({}{}{}), and goes without; use "
                    "exec, or httpGet or tcpSocket with a port of the container",
                    action.where, to_string(action.kind),
                    action.host.empty() ? "" : " of another host",
                    action.has_http_headers ? " with headers" : ""),
        action.where);
  }

  void check_references(const std::pmr::vector<std::string_view>& text, std::string_view field) {
    const ShellWords words(container_);
    for (std::string_view word : text) {
      const std::string_view name = words.service_name(word);
      if (name.empty()) continue;
      add(fmt::format("refers to $({}), and services other than kubernetes have no variables in "
                      "the CVM; use the service's name, which DNS knows",
                      readable(name)),
          field);
    }
  }
};

void check_wrap_dropped(const PodContext& context, Problems& problems) {
  if (is_to_be_wrapped(context)) DroppedCheck(context, problems).run();
}

}  // namespace

constinit const PodRule rules::wrap_dropped{
    .descriptor =
        {.id = "wrap-dropped",
         .summary = "Placement wrap: a part of the workspace container means nothing "
                    "inside the CVM",
         .default_action = RuleAction::kWarn,
         .calls = kPodRuleCalls,
         .explanation =
             {.checks = "Placement wrap: parts of the workspace container and the pod that mean "
                        "nothing inside the CVM, as ports, stdin, parts of the securityContext, "
                        "hostAliases, probes and hooks that cannot be asked of it.",
              .why = "Envbox makes the inner container, and knows nothing of these.",
              .fix = "Each warning says what to do instead; else remove the part, which is not "
                     "there in the CVM.",
              .fields = {"spec.containers[*]", "spec.securityContext", "spec.hostAliases",
                         "spec.imagePullSecrets",
                         "metadata.annotations[cvm-webhook.io/workspace-container]",
                         "metadata.annotations[kubectl.kubernetes.io/default-container]",
                         "metadata.annotations[cvm-webhook.io/supervisor]"},
              .settings = {"supervisor.placement"},
              .sources = {"docs/modes.md",
                          "https://github.com/coder/envbox/blob/main/cli/docker.go",
                          "https://github.com/coder/envbox/blob/main/dockerutil/container.go"}}},
    .check = check_wrap_dropped,
};

}  // namespace cvm
