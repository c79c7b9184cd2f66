#include "policies/mutations/supervisor.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <map>
#include <memory_resource>

#include "policies/model/json_text.hpp"
#include "policies/model/quantity.hpp"
#include "policies/model/text_hash.hpp"
#include "policies/model/workspace.hpp"
#include "policies/mutations/injected.hpp"
#include "policies/mutations/inner_limits.hpp"
#include "policies/mutations/inner_variables.hpp"

namespace cvm {

namespace {

constexpr std::string_view kSidecarRestartPolicy = "Always";

void append_amounts(std::string& out, std::string_view name,
                    const std::map<std::string, std::string>& amounts) {
  if (amounts.empty()) return;
  append_json_comma(out);
  append_json_string(out, name);
  out += ":{";
  for (const auto& [resource, amount] : amounts) {
    append_json_comma(out);
    append_json_string(out, resource);
    out += ':';
    append_json_string(out, amount);
  }
  out += '}';
}

// The plan's amounts, and at most what a LimitRange or the defaults add where the plan has none.
bool same_amounts(const std::map<std::string, std::string>& expected, const KeyValues& found) {
  const bool all_there = std::all_of(expected.begin(), expected.end(), [&found](const auto& entry) {
    const auto amount = found.find(entry.first);
    return amount && same_quantity(*amount, entry.second);
  });
  return all_there && std::all_of(found.begin(), found.end(), [&expected](const KeyValue& amount) {
           return is_defaulted_resource(amount.key) ||
                  std::any_of(expected.begin(), expected.end(),
                              [&amount](const auto& entry) { return entry.first == amount.key; });
         });
}

// The mounts of the supervisor of one pod.
struct Mounts {
  Mounts(const SupervisorVolumes& volumes, const PodContext& context) {
    volumes.append_mounts(context.pod, nullptr, false, context.gpus.nvidia, all);
  }

  std::array<std::byte, 2048> memory;
  std::pmr::monotonic_buffer_resource arena{memory.data(), memory.size()};
  std::pmr::vector<OwnMount> all{&arena};
};

}  // namespace

bool is_supervisor_security_context(const SecurityContext& context) {
  return context.privileged == true && context.run_as_user == 0 && context.run_as_group == 0 &&
         context.run_as_non_root == false && context.other_fields.empty();
}

SupervisorTemplate::SupervisorTemplate(const Settings& settings,
                                       const std::vector<HostPathPart>& host_paths)
    : kind_(settings.supervisor.placement == Placement::kSidecar ? ContainerKind::kInit
                                                                 : ContainerKind::kRegular),
      settings_(settings.supervisor),
      variables_(settings),
      usr_lib_dir_(settings.gpu.usr_lib_dir),
      volumes_(settings, host_paths) {
  prefix_ = "{";
  append_json_member(prefix_, "name", kSupervisorName);
  append_json_member(prefix_, "image", settings_.image);
  append_json_member(prefix_, "imagePullPolicy", settings_.image_pull_policy);
  if (kind_ == ContainerKind::kInit) {
    append_json_member(prefix_, "restartPolicy", kSidecarRestartPolicy);
  }
  if (!settings_.command.empty()) {
    prefix_ += R"(,"command":)";
    append_json_strings(prefix_, settings_.command);
  }
  prefix_ += R"(,"env":[)";

  suffix_ = R"(],"resources":{)";
  append_amounts(suffix_, "limits", settings_.limits);
  append_amounts(suffix_, "requests", settings_.requests);
  suffix_ += R"(},"securityContext":)";
  suffix_ += kSupervisorSecurityContext;
  suffix_ += R"(,"volumeMounts":[)";
}

std::string SupervisorTemplate::settings_text() const {
  std::string text = prefix_ + suffix_;
  std::pmr::vector<OwnMount> mounts;
  volumes_.append_mounts(PodView(std::pmr::new_delete_resource()), nullptr, false, false, mounts);
  for (const OwnMount& mount : mounts) append_own_mount(text, mount);
  return text;
}

template <typename Visit>
void SupervisorTemplate::for_each_variable(const PodContext& context, Visit&& visit) const {
  using Source = SupervisorVariable::Source;
  const auto give = [this, &visit](const SupervisorVariable& variable) {
    if (!variables_.is_set_by_settings(variable.name)) visit(variable);
  };
  const Container& workspace = *context.workspace;
  const PodView& pod = context.pod;

  give({kInnerImage, workspace.image, Source::kPodText});
  const auto user = workspace.security_context.run_as_user ? workspace.security_context.run_as_user
                                                           : pod.security_context.run_as_user;
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.begin(), digits.end(), user.value_or(0)).ptr;
  give({kInnerUsername, user ? std::string_view(digits.begin(), end) : kRootUser});
  if (const std::string_view hostname = inner_hostname(pod); !hostname.empty()) {
    give({kInnerHostname, hostname, Source::kPodText});
  }
  if (!workspace.working_dir.empty()) {
    give({kInnerWorkDir, workspace.working_dir, Source::kPodText});
  }
  if (whole_cpus(workspace)) {
    give({kInnerCpus, workspace.name, Source::kResource, "limits.cpu"});
  }
  if (inner_memory(workspace, 0)) {
    give({kInnerMemory, workspace.name, Source::kResource, "limits.memory"});
  }
  volumes_.for_each_variable(pod, give);
  variables_.for_each(context.gpus, usr_lib_dir_, visit);
}

void SupervisorTemplate::render(const PodContext& context, std::string& out) const {
  out += prefix_;
  for_each_variable(context, [&out](const SupervisorVariable& variable) {
    append_json_comma(out);
    append_variable(out, variable);
  });
  out += suffix_;
  for (const OwnMount& mount : Mounts(volumes_, context).all) {
    append_json_comma(out);
    append_own_mount(out, mount);
  }
  out += "]}";
}

std::uint64_t SupervisorTemplate::hash_pod(const PodContext& context, std::uint64_t state) const {
  for_each_variable(context, [&state](const SupervisorVariable& variable) {
    state = hash_variable(variable, state);
  });
  return state;
}

bool SupervisorTemplate::matches(const Container& container, const PodContext& context) const {
  return container.name == kSupervisorName && container.kind == kind_ &&
         container.image == settings_.image &&
         (container.image_pull_policy == settings_.image_pull_policy ||
          container.image_pull_policy == kInjectedPullPolicy) &&
         container.restart_policy ==
             (kind_ == ContainerKind::kInit ? kSidecarRestartPolicy : std::string_view()) &&
         std::equal(container.command.begin(), container.command.end(), settings_.command.begin(),
                    settings_.command.end()) &&
         container.args.empty() && container.working_dir.empty() &&
         (container.termination_message_path.empty() ||
          container.termination_message_path == kDefaultTerminationMessagePath) &&
         is_supervisor_security_context(container.security_context) &&
         std::all_of(container.other_fields.begin(), container.other_fields.end(),
                     is_defaulted_field) &&
         same_resources(container) && same_mounts(container, context) &&
         same_environment(container, context);
}

bool SupervisorTemplate::same_environment(const Container& container,
                                          const PodContext& context) const {
  auto found = container.env.begin();
  bool same = true;
  for_each_variable(context, [&](const SupervisorVariable& variable) {
    // What the plan itself sets is compared, also where an injector sets the same name.
    while (found != container.env.end() && found->name != variable.name &&
           is_injected_variable(*found, context.settings.isolation.injected)) {
      ++found;
    }
    if (!same || found == container.env.end() || !is_variable(*found, variable)) {
      same = false;
      return;
    }
    ++found;
  });
  while (found != container.env.end() &&
         is_injected_variable(*found, context.settings.isolation.injected))
    ++found;
  return same && found == container.env.end();
}

bool SupervisorTemplate::same_mounts(const Container& container, const PodContext& context) const {
  const Mounts mounts(volumes_, context);
  auto expected = mounts.all.begin();
  for (const VolumeMount& mount : container.volume_mounts) {
    if (expected != mounts.all.end() && is_own_mount(mount, *expected)) {
      ++expected;
    } else if (!is_injected_mount(mount, context.pod, context.settings.isolation.injected)) {
      return false;
    }
  }
  return expected == mounts.all.end();
}

bool SupervisorTemplate::same_resources(const Container& container) const {
  return same_amounts(settings_.requests, container.requests) &&
         same_amounts(settings_.limits, container.limits);
}

}  // namespace cvm
