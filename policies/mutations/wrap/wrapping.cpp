#include "policies/mutations/wrap/wrapping.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "policies/model/json_text.hpp"
#include "policies/model/quantity.hpp"
#include "policies/model/text_hash.hpp"
#include "policies/model/workspace.hpp"
#include "policies/mutations/injected.hpp"
#include "policies/mutations/inner_limits.hpp"
#include "policies/mutations/inner_variables.hpp"
#include "policies/mutations/supervisor.hpp"
#include "policies/mutations/wrap/bootstrap_script.hpp"
#include "policies/mutations/wrap/inner_mounts.hpp"

namespace cvm {

namespace {

using Source = SupervisorVariable::Source;

// What Wrapping takes on.
constexpr std::size_t kMostItems = 1000;
constexpr std::size_t kMostText = 4 * kLongestVariable;

// Of a Secret of type kubernetes.io/dockerconfigjson.
constexpr std::string_view kDockerConfigKey = ".dockerconfigjson";

std::pmr::string doubling_dollars(std::string_view text, Arena* arena) {
  std::pmr::string result(arena);
  result.reserve(text.size() + 1);
  append_doubling_dollars(result, text);
  return result;
}

// CODER_INNER_USERNAME may be a number: envbox looks it up with getent(1).
std::string user_of(const PodView& pod, const Container& container) {
  const auto user = container.security_context.run_as_user ? container.security_context.run_as_user
                                                           : pod.security_context.run_as_user;
  return user ? std::to_string(*user) : std::string(kRootUser);
}

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= 18 && std::all_of(text.begin(), text.end(), [](char each) {
    return each >= '0' && each <= '9';
  });
}

}  // namespace

std::pmr::string Wrapping::join(const std::pmr::vector<Entry>& entries) {
  std::size_t size = 0;
  for (const Entry& entry : entries) size += entry.text.size() + 1;
  std::pmr::string list(&arena_);
  list.reserve(size);
  for (const Entry& entry : entries) {
    if (!list.empty()) list += ',';
    list += entry.text;
  }
  return list;
}

WrapTemplate::WrapTemplate(const Settings& settings, const std::vector<HostPathPart>& host_paths)
    : image_(settings.supervisor.image),
      image_pull_policy_(settings.supervisor.image_pull_policy),
      command_(settings.supervisor.command),
      variables_(settings),
      volumes_(settings, host_paths),
      inner_address_(cvm::inner_address(settings.network_cidr)),
      memory_reserve_(parse_quantity(settings.supervisor.memory_reserve).value_or(0)) {
  append_json_strings(command_json_, command_);
}

std::string WrapTemplate::settings_text() const {
  return fmt::format("wrap{}{}{}", image_, image_pull_policy_, command_json_);
}

Wrapping::Wrapping(const WrapTemplate& plan, const PodContext& context)
    : plan_(plan),
      container_(*context.workspace),
      is_wrapped_(context.pod.annotations.find(kSupervisorAnnotation) == container_.name) {
  inner_.address = plan_.inner_address_;
  if (exceeds_limits(context.pod)) {
    is_too_large_ = true;
    if (is_wrapped_) state_ = State::kChanged;
    change_ = "its size";
    return;
  }
  plan_.volumes_.append_mounts(context.pod, &container_, is_wrapped_, context.gpus.nvidia,
                               own_mounts_);
  if (is_wrapped_) {
    describe_wrapped();
  } else {
    describe_plain(context);
  }
  inner_.user = user_;
  find_limits();
  list_environment(context);
  list_mounts(context);
  add_variables(context);
  if (is_wrapped_) state_ = check(context);
}

bool Wrapping::exceeds_limits(const PodView& pod) const {
  std::size_t bytes = 0;
  const auto add = [&bytes](const auto& words) {
    for (std::string_view word : words) bytes += word.size();
  };
  add(container_.command);
  add(container_.args);
  for (const LifecycleAction& action : container_.lifecycle_actions) add(action.command);
  for (const EnvVar& variable : container_.env) bytes += variable.value.size();
  return bytes > kMostText ||
         std::max({container_.env.size(), container_.env_from.size(),
                   container_.volume_mounts.size(), pod.volumes.size()}) > kMostItems;
}

void Wrapping::describe_plain(const PodContext& context) {
  append_doubling_dollars(image_, container_.image);
  user_ = plan_.variables_.value_set_by_settings(kInnerUsername)
              .value_or(user_of(context.pod, container_));
  append_doubling_dollars(work_dir_, container_.working_dir);
  find_exported();
  append_doubling_dollars(script_, bootstrap_script(container_, exported_));
}

void Wrapping::describe_wrapped() {
  const auto read = [this](std::string_view name, std::pmr::string& out) {
    if (const EnvVar* variable = find_variable(name)) out = variable->value;
  };
  read(kInnerImage, image_);
  read(kInnerUsername, user_);
  read(kInnerWorkDir, work_dir_);
  read(kBootstrapScript, script_);
}

// Where it is wrapped, the limits may have been changed since: what it has is as good as another
// number, since the container's own limits hold.
void Wrapping::find_limits() {
  const auto find = [this](std::string_view name, std::optional<std::uint64_t> limit,
                           std::pmr::string& out) {
    const EnvVar* given = is_wrapped_ ? find_variable(name) : nullptr;
    if (given != nullptr && !given->has_value_from && is_number(given->value)) {
      out = given->value;
    } else if (limit) {
      fmt::format_to(std::back_inserter(out), "{}", *limit);
    }
  };
  find(kInnerCpus, whole_cpus(container_), cpus_);
  find(kInnerMemory, inner_memory(container_, plan_.memory_reserve_), memory_limit_);
}

// Those that must not be in the supervisor's environment, and what is made of them.
void Wrapping::find_exported() {
  for (std::size_t position = 0; position < container_.env.size(); ++position) {
    const EnvVar& variable = container_.env[position];
    if (variable.has_value_from || !is_shell_name(variable.name)) continue;
    const bool is_made_of_one =
        std::any_of(exported_.begin(), exported_.end(), [&](std::size_t before) {
          return ShellWords::refers_to(variable.value, container_.env[before].name);
        });
    if (is_made_of_one || use_of_variable(variable.name) == VariableUse::kPrograms) {
      exported_.push_back(position);
    }
  }
}

const EnvVar* Wrapping::find_variable(std::string_view name) const {
  const auto found = std::find_if(container_.env.begin(), container_.env.end(),
                                  [name](const EnvVar& one) { return one.name == name; });
  return found == container_.env.end() ? nullptr : &*found;
}

bool Wrapping::is_planned(std::string_view name) const {
  return plan_.variables_.is_set_by_settings(name) || use_of_variable(name) == VariableUse::kEnvbox;
}

void Wrapping::list_environment(const PodContext& context) {
  environment_.reserve(1 + container_.env.size() + container_.env_from.size());
  environment_.push_back({std::pmr::string(kServiceVariables, &arena_)});
  for (std::size_t position = 0; position < container_.env.size(); ++position) {
    const EnvVar& variable = container_.env[position];
    std::pmr::string name = doubling_dollars(variable.name, &arena_);
    const bool is_passed_over =
        is_planned(variable.name) || is_passed_by_envbox(variable.name) ||
        !can_be_listed(variable.name) ||
        std::binary_search(exported_.begin(), exported_.end(), position) ||
        std::any_of(environment_.begin(), environment_.end(),
                    [&name](const Entry& entry) { return entry.text == name; });
    if (is_passed_over) continue;
    environment_.push_back(
        {std::move(name), is_injected_variable(variable, context.settings.isolation.injected)});
  }
  for (const EnvFromSource& source : container_.env_from) {
    if (is_unused_prefix(source.prefix) && can_be_listed(source.prefix)) {
      environment_.push_back({doubling_dollars(source.prefix, &arena_)});
      environment_.back().text += '*';
    }
  }
  environment_text_ = join(environment_);
}

void Wrapping::list_mounts(const PodContext& context) {
  mounts_.reserve(container_.volume_mounts.size());
  for (const VolumeMount& mount : container_.volume_mounts) {
    if (mount.name.starts_with(kReservedPrefix)) continue;
    const bool is_own = is_wrapped_ && std::any_of(own_mounts_.begin(), own_mounts_.end(),
                                                   [&mount](const OwnMount& own) {
                                                     return is_own_mount(mount, own);
                                                   });
    if (is_own) continue;
    const auto inside = is_wrapped_ ? inner_mount_path(mount.mount_path) : std::nullopt;
    const std::string path = inside.value_or(std::string(mount.mount_path));
    if (is_mounted_by_envbox(path) || !mount_path_problem(path).empty()) continue;
    const Volume* volume = find_volume(context.pod, mount.name);
    const bool is_read_only =
        mount.read_only || (volume != nullptr && is_mounted_read_only(*volume));
    std::pmr::string entry = doubling_dollars(supervisor_mount_path(path), &arena_);
    entry += ':';
    append_doubling_dollars(entry, path);
    if (is_read_only) entry += ":ro";
    mounts_.push_back({std::move(entry),
                       is_injected_mount(mount, context.pod, context.settings.isolation.injected)});
  }
  mounts_text_ = join(mounts_);
}

void Wrapping::add_variables(const PodContext& context) {
  constexpr std::size_t kUsual = 16;
  variables_.reserve(kUsual);
  const auto give = [this](std::string_view name, std::string_view value,
                           Source source = Source::kText, std::string_view key = {}) {
    if (!value.empty() && !plan_.variables_.is_set_by_settings(name)) {
      variables_.push_back({name, value, source, key});
    }
  };
  give(kInnerImage, image_);
  give(kInnerUsername, user_);
  give(kInnerHostname, inner_hostname(context.pod), Source::kPodText);
  give(kInnerWorkDir, work_dir_);
  give(kBootstrapScript, script_);
  give(kInnerCpus, cpus_);
  give(kInnerMemory, memory_limit_);
  give(kInnerEnvs, environment_text_);
  give(kInnerMounts, mounts_text_);
  if (!context.pod.image_pull_secrets.empty()) {
    give(kImagePullSecret, context.pod.image_pull_secrets.front(), Source::kSecret,
         kDockerConfigKey);
  }
  plan_.volumes_.for_each_variable(context.pod, [&give](const SupervisorVariable& variable) {
    give(variable.name, variable.value, variable.source, variable.key);
  });
  const auto& usr_lib = plan_.volumes_.usr_lib();
  plan_.variables_.for_each(
      context.gpus, usr_lib ? std::string_view(usr_lib->mount_path) : "",
      [this](const SupervisorVariable& variable) { variables_.push_back(variable); });
}

// What others may add after the mutating call is no part of the plan that the pod was given.
std::uint64_t Wrapping::hash(std::uint64_t state) const {
  state = hash_text(container_.name, state);
  for (const SupervisorVariable& variable : variables_) {
    if (variable.name == kInnerEnvs || variable.name == kInnerMounts ||
        variable.name == kInnerCpus || variable.name == kInnerMemory) {
      continue;
    }
    state = hash_variable(variable, state);
  }
  return state;
}

}  // namespace cvm
