// Wrapping::check: whether a wrapped container is as it was made.

#include <fmt/format.h>

#include <algorithm>

#include "policies/model/text.hpp"
#include "policies/model/workspace.hpp"
#include "policies/mutations/injected.hpp"
#include "policies/mutations/inner_variables.hpp"
#include "policies/mutations/supervisor.hpp"
#include "policies/mutations/wrap/inner_mounts.hpp"
#include "policies/mutations/wrap/wrap_fields.hpp"
#include "policies/mutations/wrap/wrapping.hpp"

namespace cvm {

Wrapping::State Wrapping::check(const PodContext& context) {
  change_ = find_change(context);
  if (!change_.empty()) return State::kChanged;
  return is_stale(context) ? State::kStale : State::kWhole;
}

std::string Wrapping::find_change(const PodContext& context) const {
  std::string change = find_changed_field();
  if (change.empty()) change = find_changed_variable();
  if (change.empty()) change = find_changed_mount(context);
  return change.empty() ? find_changed_action() : change;
}

std::string Wrapping::find_changed_field() const {
  const Container& found = container_;
  if (found.image != plan_.image_) return "image";
  if (found.image_pull_policy != plan_.image_pull_policy_ &&
      found.image_pull_policy != kInjectedPullPolicy) {
    return "imagePullPolicy";
  }
  if (!std::equal(found.command.begin(), found.command.end(), plan_.command_.begin(),
                  plan_.command_.end())) {
    return "command";
  }
  if (!found.args.empty()) return "args";
  if (!found.working_dir.empty()) return "workingDir";
  if (!found.termination_message_path.empty() &&
      found.termination_message_path != kDefaultTerminationMessagePath) {
    return "terminationMessagePath";
  }
  if (!is_supervisor_security_context(found.security_context)) return "securityContext";
  for (std::string_view field : found.other_fields) {
    if (fate_of_field(field) != WrapField::kStays) return readable(field);
  }
  for (const EnvFromSource& source : found.env_from) {
    if (!is_unused_prefix(source.prefix) || !can_be_listed(source.prefix)) {
      return fmt::format("envFrom with prefix {}", quoted(source.prefix));
    }
  }
  return {};
}

std::string Wrapping::find_changed_variable() const {
  std::vector<bool> found(variables_.size());
  for (const EnvVar& variable : container_.env) {
    const auto planned = std::find_if(
        variables_.begin(), variables_.end(),
        [&variable](const SupervisorVariable& one) { return one.name == variable.name; });
    if (planned == variables_.end()) {
      const bool is_users =
          use_of_variable(variable.name) == VariableUse::kNone && can_be_listed(variable.name);
      if (!is_users) return fmt::format("variable {}", quoted(variable.name));
      continue;
    }
    const auto index = static_cast<std::size_t>(planned - variables_.begin());
    const bool is_list = planned->name == kInnerEnvs || planned->name == kInnerMounts;
    const bool is_right = is_list ? !variable.has_value_from : is_variable(variable, *planned);
    if (!is_right || found[index]) return fmt::format("variable {}", quoted(variable.name));
    found[index] = true;
  }
  for (std::string_view name : {kInnerImage, kInnerUsername}) {
    const EnvVar* variable = find_variable(name);
    if (variable == nullptr || variable->has_value_from)
      return fmt::format("variable {}", quoted(name));
  }
  return {};
}

std::string Wrapping::find_changed_mount(const PodContext& context) const {
  for (const VolumeMount& mount : container_.volume_mounts) {
    const bool is_own =
        std::any_of(own_mounts_.begin(), own_mounts_.end(),
                    [&mount](const OwnMount& own) { return is_own_mount(mount, own); });
    if (is_own) continue;
    // Links in a volume of the user's would lead a mount inside it to the supervisor's files.
    const bool is_secret = mount.mount_path.starts_with("/var/run/secrets/");
    const bool is_injected =
        is_injected_mount(mount, context.pod, context.settings.isolation.injected);
    const bool is_users = (!is_secret || is_injected) && !mount.name.starts_with(kReservedPrefix) &&
                          mount.mount_propagation != "Bidirectional" &&
                          mount_path_problem(mount.mount_path).empty();
    if (!is_users) return fmt::format("volumeMount {}", quoted(mount.mount_path));
  }
  return plan_.volumes_.cache_volume_problem(context.pod, &container_).empty()
             ? std::string()
             : "the volume for caches";
}

std::string Wrapping::find_changed_action() const {
  for (const LifecycleAction& action : container_.lifecycle_actions) {
    const bool is_carried = action.kind == LifecycleAction::Kind::kExec &&
                            action.where != "lifecycle.postStart" &&
                            is_carried_command(action.command, inner_);
    if (!stays(action) && !is_carried) return std::string(action.where);
  }
  return {};
}

bool Wrapping::has_entries(std::string_view list, const std::pmr::vector<Entry>& entries) {
  for (const Entry& entry : entries) {
    const std::string_view first = list.substr(0, list.find(','));
    if (first == entry.text) {
      list.remove_prefix(std::min(list.size(), first.size() + 1));
    } else if (!entry.may_be_missing) {
      return false;
    }
  }
  return list.empty();
}

bool Wrapping::is_stale(const PodContext& context) const {
  for (const SupervisorVariable& planned : variables_) {
    const EnvVar* variable = find_variable(planned.name);
    const bool is_environment = planned.name == kInnerEnvs,
               is_mounts = planned.name == kInnerMounts;
    if (variable == nullptr) {
      // A list of nothing but what may be missing from it.
      if (is_mounts && has_entries("", mounts_)) continue;
      return true;
    }
    if (is_environment && !has_entries(variable->value, environment_)) return true;
    if (is_mounts && !has_entries(variable->value, mounts_)) return true;
  }
  if (mounts_.empty() && find_variable(kInnerMounts) != nullptr) return true;
  for (const OwnMount& own : own_mounts_) {
    const bool is_there =
        std::any_of(container_.volume_mounts.begin(), container_.volume_mounts.end(),
                    [&own](const VolumeMount& mount) { return is_own_mount(mount, own); });
    if (!is_there) return true;
  }
  return std::any_of(
      container_.volume_mounts.begin(), container_.volume_mounts.end(),
      [&](const VolumeMount& mount) {
        return !mount.name.starts_with(kReservedPrefix) && !inner_mount_path(mount.mount_path) &&
               !is_injected_mount(mount, context.pod, context.settings.isolation.injected) &&
               std::none_of(own_mounts_.begin(), own_mounts_.end(),
                            [&mount](const OwnMount& own) { return is_own_mount(mount, own); });
      });
}

}  // namespace cvm
