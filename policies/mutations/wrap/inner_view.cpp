#include "policies/mutations/wrap/inner_view.hpp"

#include <charconv>

#include "policies/model/workspace.hpp"
#include "policies/mutations/inner_variables.hpp"
#include "policies/mutations/wrap/inner_mounts.hpp"

namespace cvm {

InnerView::InnerView(const PodView& pod, const Container& container, bool is_wrapped) {
  container_.kind = container.kind;
  container_.index = container.index;
  container_.name = container.name;
  container_.image_pull_policy = container.image_pull_policy;
  container_.requests = container.requests;
  container_.limits = container.limits;
  container_.ports = container.ports;
  container_.env_from = container.env_from;
  SecurityContext& security = container_.security_context;
  security.present = true;
  security.allow_privilege_escalation = false;
  security.dropped_capabilities.emplace_back("ALL");
  security.seccomp_profile = SeccompProfile{.type = "RuntimeDefault", .localhost_profile = {}};
  if (is_wrapped) {
    read_wrapped(container);
  } else {
    read_plain(pod, container);
  }
}

void InnerView::read_plain(const PodView& pod, const Container& container) {
  container_.image = container.image;
  container_.working_dir = container.working_dir;
  container_.command = container.command;
  container_.args = container.args;
  container_.env = container.env;
  container_.volume_mounts = container.volume_mounts;
  container_.lifecycle_actions = container.lifecycle_actions;
  SecurityContext& security = container_.security_context;
  security.run_as_user = container.security_context.run_as_user
                             ? container.security_context.run_as_user
                             : pod.security_context.run_as_user;
  security.run_as_non_root = security.run_as_user && *security.run_as_user != 0;
}

void InnerView::read_wrapped(const Container& container) {
  for (const EnvVar& variable : container.env) {
    if (variable.name == kInnerImage) {
      container_.image = variable.value;
    } else if (variable.name == kInnerUsername) {
      set_user(variable.value);
    } else if (variable.name == kInnerWorkDir) {
      container_.working_dir = variable.value;
    } else if (use_of_variable(variable.name) == VariableUse::kNone) {
      container_.env.push_back(variable);
    }
  }
  for (const VolumeMount& mount : container.volume_mounts) {
    if (mount.name.starts_with(kReservedPrefix)) continue;
    auto path = inner_mount_path(mount.mount_path);
    if (!path) continue;
    container_.volume_mounts.push_back(mount);
    container_.volume_mounts.back().mount_path = paths_.emplace_back(std::move(*path));
  }
}

void InnerView::set_user(std::string_view user) {
  SecurityContext& security = container_.security_context;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(user.data(), user.data() + user.size(), number);
  if (error == std::errc() && end == user.data() + user.size()) {
    security.run_as_user = number;
  } else if (user == kRootUser) {
    security.run_as_user = 0;
  }
  if (security.run_as_user) security.run_as_non_root = *security.run_as_user != 0;
}

}  // namespace cvm
