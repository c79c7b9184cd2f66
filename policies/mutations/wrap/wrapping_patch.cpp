// Wrapping::append_operations: a workspace container becomes the supervisor where it stands.
#include <algorithm>

#include "policies/model/workspace.hpp"
#include "policies/mutations/injected.hpp"
#include "policies/mutations/json_text.hpp"
#include "policies/mutations/supervisor.hpp"
#include "policies/mutations/wrap/inner_mounts.hpp"
#include "policies/mutations/wrap/wrap_fields.hpp"
#include "policies/mutations/wrap/wrap_variables.hpp"
#include "policies/mutations/wrap/wrapping.hpp"

namespace cvm {

namespace {

void append_list(std::string& out, const std::vector<std::string>& words) {
  out += '[';
  for (const std::string& word : words) {
    if (out.back() != '[') out += ',';
    append_json_string(out, word);
  }
  out += ']';
}

std::string pointer_to(std::string_view where) {
  std::string pointer = "/" + std::string(where);
  std::replace(pointer.begin(), pointer.end(), '.', '/');
  return pointer;
}

}  // namespace

void Wrapping::begin(std::string& patch, std::string_view op, std::string_view path) const {
  if (patch.back() != '[') patch += ',';
  patch += R"({"op":")";
  patch.append(op).append(R"(","path":")").append(pointer_).append(path) += '"';
}

// {"op":"add","path":"<pointer><path>","value":
std::string Wrapping::addition_to(std::string_view path) const {
  std::string operation = "[";
  begin(operation, "add", path);
  operation += R"(,"value":)";
  return operation.substr(1);
}

void Wrapping::append_operations(std::string& patch) const {
  if (state_ == State::kChanged) return;
  if (!is_wrapped_) {
    append_fields(patch);
    append_handlers(patch);
  }
  append_environment(patch);
  append_mounts(patch);
}

void Wrapping::append_fields(std::string& patch) const {
  const auto add = [&](std::string_view path, std::string_view json) {
    begin(patch, "add", path);
    patch.append(R"(,"value":)").append(json) += '}';
  };
  const auto add_text = [&](std::string_view path, std::string_view text) {
    begin(patch, "add", path);
    patch += R"(,"value":)";
    append_json_string(patch, text);
    patch += '}';
  };
  const auto remove = [&](std::string_view path) {
    begin(patch, "remove", path);
    patch += '}';
  };
  add_text("/image", plan_.image_);
  add_text("/imagePullPolicy", plan_.image_pull_policy_);
  add("/command", plan_.command_json_);
  if (!container_.args.empty()) remove("/args");
  if (!container_.working_dir.empty()) remove("/workingDir");
  if (!container_.termination_message_path.empty() &&
      container_.termination_message_path != kDefaultTerminationMessagePath) {
    remove("/terminationMessagePath");
  }
  for (std::string_view field : container_.other_fields) {
    if (fate_of_field(field) == WrapField::kRemoved) remove("/" + std::string(field));
  }
  add("/securityContext", kSupervisorSecurityContext);
}

void Wrapping::append_handlers(std::string& patch) const {
  for (const Handler& handler : container_.handlers) {
    if (stays(handler)) continue;
    const std::string pointer = pointer_to(handler.where);
    // Before the command, in the bootstrap script: the kubelet runs it when nothing is there yet.
    const auto command = handler.where == "lifecycle.postStart"
                             ? std::vector<std::string>()
                             : carried_command(handler, container_, inner_);
    if (command.empty()) {
      begin(patch, "remove", pointer);
      patch += '}';
      continue;
    }
    begin(patch, "add", pointer + "/exec");
    patch += R"(,"value":{"command":)";
    append_list(patch, command);
    patch += "}}";
    if (handler.kind == Handler::Kind::kExec) continue;
    begin(patch, "remove", pointer + "/" + std::string(to_string(handler.kind)));
    patch += '}';
  }
}

void Wrapping::append_environment(std::string& patch) const {
  for (auto position = exported_.rbegin(); position != exported_.rend(); ++position) {
    begin(patch, "remove", "/env/" + std::to_string(*position));
    patch += '}';
  }
  if (container_.env.empty()) {
    begin(patch, "add", "/env");
    patch += R"(,"value":[)";
    for (const SupervisorVariable& variable : variables_) {
      if (patch.back() != '[') patch += ',';
      append_variable(patch, variable);
    }
    patch += "]}";
    return;
  }
  const std::string add = addition_to("/env/-");
  for (const SupervisorVariable& variable : variables_) {
    const EnvVar* found = is_wrapped_ ? find_variable(variable.name) : nullptr;
    if (found == nullptr) {
      if (patch.back() != '[') patch += ',';
      patch += add;
      append_variable(patch, variable);
      patch += '}';
    } else if (!is_variable(*found, variable)) {
      begin(patch, "add", "/env/" + std::to_string(found - container_.env.data()) + "/value");
      patch += R"(,"value":)";
      append_json_string(patch, variable.value);
      patch += '}';
    }
  }
  if (is_wrapped_ && mounts_.empty() && find_variable(kInnerMounts) != nullptr) {
    const EnvVar* found = find_variable(kInnerMounts);
    begin(patch, "remove", "/env/" + std::to_string(found - container_.env.data()));
    patch += '}';
  }
}

void Wrapping::append_mounts(std::string& patch) const {
  const auto& mounts = container_.volume_mounts;
  const auto is_own = [this](const VolumeMount& mount) {
    return is_wrapped_ &&
           std::any_of(own_mounts_.begin(), own_mounts_.end(),
                       [&mount](const OwnMount& own) { return is_own_mount(mount, own); });
  };
  for (std::size_t index = 0; index < mounts.size(); ++index) {
    const std::string_view path = mounts[index].mount_path;
    if (is_own(mounts[index]) || (is_wrapped_ && inner_mount_path(path))) continue;
    const std::string moved = supervisor_mount_path(path);
    if (moved == path) continue;
    begin(patch, "replace", "/volumeMounts/" + std::to_string(index) + "/mountPath");
    patch += R"(,"value":)";
    append_json_string(patch, moved);
    patch += '}';
  }
  if (mounts.empty()) {
    begin(patch, "add", "/volumeMounts");
    patch += R"(,"value":[)";
    for (const OwnMount& own : own_mounts_) {
      if (patch.back() != '[') patch += ',';
      append_own_mount(patch, own);
    }
    patch += "]}";
    return;
  }
  const std::string add = addition_to("/volumeMounts/-");
  for (const OwnMount& own : own_mounts_) {
    const bool is_there =
        is_wrapped_ && std::any_of(mounts.begin(), mounts.end(), [&own](const VolumeMount& mount) {
          return is_own_mount(mount, own);
        });
    if (is_there) continue;
    if (patch.back() != '[') patch += ',';
    patch += add;
    append_own_mount(patch, own);
    patch += '}';
  }
}

}  // namespace cvm
