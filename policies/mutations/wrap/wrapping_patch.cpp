// Wrapping::append_operations: a workspace container becomes the supervisor where it stands.
#include <algorithm>

#include "policies/model/json_text.hpp"
#include "policies/model/workspace.hpp"
#include "policies/mutations/injected.hpp"
#include "policies/mutations/inner_variables.hpp"
#include "policies/mutations/supervisor.hpp"
#include "policies/mutations/wrap/inner_mounts.hpp"
#include "policies/mutations/wrap/wrap_fields.hpp"
#include "policies/mutations/wrap/wrapping.hpp"

namespace cvm {

namespace {

// "lifecycle.preStop" below the container.
JsonPointer pointer_to(const JsonPointer& container, std::string_view where) {
  const std::size_t dot = where.find('.');
  if (dot == std::string_view::npos) return container / where;
  return container / where.substr(0, dot) / where.substr(dot + 1);
}

}  // namespace

JsonPointer Wrapping::pointer() const { return JsonPointer("/spec/containers") / container_.index; }

void Wrapping::append_operations(PatchWriter& patch) const {
  if (state_ == State::kChanged) return;
  if (!is_wrapped_) {
    append_fields(patch);
    append_lifecycle_actions(patch);
  }
  append_environment(patch);
  append_mounts(patch);
}

void Wrapping::append_fields(PatchWriter& patch) const {
  const JsonPointer container = pointer();
  patch.add_text(container / "image", plan_.image_);
  patch.add_text(container / "imagePullPolicy", plan_.image_pull_policy_);
  patch.add(container / "command", plan_.command_json_);
  if (!container_.args.empty()) patch.remove(container / "args");
  if (!container_.working_dir.empty()) patch.remove(container / "workingDir");
  if (!container_.termination_message_path.empty() &&
      container_.termination_message_path != kDefaultTerminationMessagePath) {
    patch.remove(container / "terminationMessagePath");
  }
  for (std::string_view field : container_.other_fields) {
    if (fate_of_field(field) == WrapField::kRemoved) patch.remove(container / field);
  }
  patch.add(container / "securityContext", kSupervisorSecurityContext);
}

void Wrapping::append_lifecycle_actions(PatchWriter& patch) const {
  for (const LifecycleAction& action : container_.lifecycle_actions) {
    if (stays(action)) continue;
    const JsonPointer place = pointer_to(pointer(), action.where);
    // Before the command, in the bootstrap script: the kubelet runs it when nothing is there yet.
    const auto command = action.where == "lifecycle.postStart"
                             ? std::vector<std::string>()
                             : carried_command(action, container_, inner_);
    if (command.empty()) {
      patch.remove(place);
      continue;
    }
    patch.add(place / "exec", [&command](std::string& out) {
      out += R"({"command":)";
      append_json_strings(out, command);
      out += '}';
    });
    if (action.kind != LifecycleAction::Kind::kExec) patch.remove(place / to_string(action.kind));
  }
}

void Wrapping::append_environment(PatchWriter& patch) const {
  const JsonPointer env = pointer() / "env";
  const auto position_of = [this](const EnvVar& variable) {
    return static_cast<std::size_t>(&variable - container_.env.data());
  };
  for (auto position = exported_.rbegin(); position != exported_.rend(); ++position) {
    patch.remove(env / *position);
  }
  PatchWriter::List list = patch.list(env, !container_.env.empty());
  for (const SupervisorVariable& variable : variables_) {
    const EnvVar* found = is_wrapped_ ? find_variable(variable.name) : nullptr;
    if (found == nullptr) {
      list.append([&variable](std::string& out) { append_variable(out, variable); });
    } else if (!is_variable(*found, variable)) {
      patch.add_text(env / position_of(*found) / "value", variable.value);
    }
  }
  if (!is_wrapped_ || !mounts_.empty()) return;
  if (const EnvVar* found = find_variable(kInnerMounts)) patch.remove(env / position_of(*found));
}

void Wrapping::append_mounts(PatchWriter& patch) const {
  const auto& mounts = container_.volume_mounts;
  const JsonPointer place = pointer() / "volumeMounts";
  const auto is_own = [this](const VolumeMount& mount) {
    return is_wrapped_ &&
           std::any_of(own_mounts_.begin(), own_mounts_.end(),
                       [&mount](const OwnMount& own) { return is_own_mount(mount, own); });
  };
  for (std::size_t index = 0; index < mounts.size(); ++index) {
    const std::string_view path = mounts[index].mount_path;
    if (is_own(mounts[index]) || (is_wrapped_ && inner_mount_path(path))) continue;
    const std::string moved = supervisor_mount_path(path);
    if (moved != path) patch.replace_text(place / index / "mountPath", moved);
  }
  PatchWriter::List list = patch.list(place, !mounts.empty());
  for (const OwnMount& own : own_mounts_) {
    const bool is_there =
        is_wrapped_ && std::any_of(mounts.begin(), mounts.end(), [&own](const VolumeMount& mount) {
          return is_own_mount(mount, own);
        });
    if (!is_there) list.append([&own](std::string& out) { append_own_mount(out, own); });
  }
}

}  // namespace cvm
