#include "policies/rules/user_part.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"

namespace cvm {

std::string SecuritySubject::name() const {
  return container == nullptr ? "the pod" : fmt::format("container {}", quoted(container->name));
}

std::string SecuritySubject::field(std::string_view name) const {
  const std::string owner = container == nullptr ? "spec" : field_path(*container);
  return fmt::format("{}.securityContext.{}", owner, name);
}

// A known image says nothing about what runs where the user brings a command, a hook, a library
// that is loaded first, or files over the image's own; and it must be over before the workspace
// begins.
static bool runs_its_image(const Container& container) {
  constexpr std::array<std::string_view, 5> kHooks = {"lifecycle", "livenessProbe",
                                                      "readinessProbe", "startupProbe", "envFrom"};
  const auto& fields = container.other_fields;
  return container.command.empty() && container.restart_policy.empty() &&
         std::none_of(kHooks.begin(), kHooks.end(),
                      [&](std::string_view hook) {
                        return std::find(fields.begin(), fields.end(), hook) != fields.end();
                      }) &&
         std::none_of(container.env.begin(), container.env.end(),
                      [](const EnvVar& variable) { return variable.name.starts_with("LD_"); }) &&
         std::all_of(container.volume_mounts.begin(), container.volume_mounts.end(),
                     [](const VolumeMount& mount) {
                       return mount.mount_path == "/run" ||  // of linkerd-init, for iptables' lock
                              mount.mount_path.starts_with("/var/run/secrets/");
                     });
}

static bool is_injected(const Container& container, const AllowedContainer& allowed) {
  return container.kind == ContainerKind::kInit && container.name == allowed.name &&
         runs_its_image(container) &&
         std::any_of(allowed.images.begin(), allowed.images.end(),
                     [&](const std::string& image) { return container.image.starts_with(image); });
}

bool is_injected_capability(const Container& container, std::string_view capability,
                            const PodContext& context) {
  if (!context.is_cvm) return false;
  const auto& injected = context.settings.isolation.injected.containers;
  return std::any_of(injected.begin(), injected.end(), [&](const AllowedContainer& allowed) {
    return is_injected(container, allowed) &&
           std::find(allowed.capabilities.begin(), allowed.capabilities.end(), capability) !=
               allowed.capabilities.end();
  });
}

std::string debug_advice(const Container& container, PodSecurityLevel level) {
  if (container.kind != ContainerKind::kEphemeral) return "";
  return fmt::format(", as kubectl debug --profile={} does", to_string(level));
}

}  // namespace cvm
