// What the Pod Security Standards are asked about: the pod without what cvm-webhook put into it.
#pragma once

#include <string>
#include <string_view>

#include "policies/mutations/plan.hpp"
#include "policies/rule.hpp"

namespace cvm {

// The pod or one of its containers, as the one whose securityContext is read.
struct SecuritySubject {
  const Container* container = nullptr;  // null: the pod

  // `container "dev"`, "the pod".
  std::string name() const;
  // "spec.containers[0].securityContext.runAsUser", "spec.securityContext.runAsUser".
  std::string field(std::string_view name) const;
};

// Calls visit(const Container&) for every container but the supervisor; for one that is wrapped, or
// will be, with what is inside.
template <typename Visit>
void for_each_user_container(const PodContext& context, Visit&& visit) {
  const Container* const inner = context.inner;
  context.pod.for_each_container([&](const Container& container) {
    if (inner != nullptr && container.kind == inner->kind && container.index == inner->index) {
      visit(*inner);
    } else if (&container != context.supervisor) {
      visit(container);
    }
  });
}

// Calls visit(const CommonSecurityContext&, const SecuritySubject&) for the pod, then for every
// container but the supervisor.
template <typename Visit>
void for_each_security_context(const PodContext& context, Visit&& visit) {
  visit(static_cast<const CommonSecurityContext&>(context.pod.security_context), SecuritySubject{});
  for_each_user_container(context, [&](const Container& container) {
    visit(static_cast<const CommonSecurityContext&>(container.security_context),
          SecuritySubject{&container});
  });
}

// Calls visit(const Volume&, std::size_t index) for every volume but those of a CVM's plan.
template <typename Visit>
void for_each_user_volume(const PodContext& context, Visit&& visit) {
  for (std::size_t index = 0; index < context.pod.volumes.size(); ++index) {
    const Volume& volume = context.pod.volumes[index];
    if (context.is_cvm && context.plan.is_plan_volume(volume, context)) continue;
    visit(volume, index);
  }
}

// Calls visit(name of the field) for each namespace of the node that the pod shares.
template <typename Visit>
void for_each_shared_namespace(const PodView& pod, Visit&& visit) {
  if (pod.host_network) visit(std::string_view("hostNetwork"));
  if (pod.host_pid) visit(std::string_view("hostPID"));
  if (pod.host_ipc) visit(std::string_view("hostIPC"));
}

// Calls visit(const Container&) for every container but the supervisor that requests a GPU.
template <typename Visit>
void for_each_gpu_container(const PodContext& context, Visit&& visit) {
  for_each_user_container(context, [&](const Container& container) {
    if (gpu_requests(container, context.settings.compatibility).any()) visit(container);
  });
}

// Controls of Linux pass over such a pod.
inline bool is_for_windows(const PodView& pod) { return pod.os_name == "windows"; }

// In a user namespace of its own, in which the standard allows more.
inline bool is_in_user_namespace(const PodView& pod) { return pod.host_users == false; }

// True when settings.isolation.injected lets `container` of a CVM add the capability.
bool is_injected_capability(const Container& container, std::string_view capability,
                            const PodContext& context);

// How an ephemeral container that satisfies the level is made, for the end of an advice: `kubectl
// debug` adds SYS_PTRACE by default. Empty for other containers.
std::string debug_advice(const Container& container, PodSecurityLevel level);

}  // namespace cvm
