#include "policies/user_part.hpp"

#include <algorithm>

namespace cvm {

std::string SecuritySubject::name() const {
  return container == nullptr ? "the pod" : "container \"" + std::string(container->name) + "\"";
}

std::string SecuritySubject::field(std::string_view name) const {
  const std::string owner = container == nullptr ? "spec" : field_path(*container);
  return owner + ".securityContext." + std::string(name);
}

static bool is_injected(const Container& container, const AllowedContainer& allowed) {
  // With a command of the user's, a known image would say nothing about what runs.
  return container.kind == ContainerKind::kInit && container.name == allowed.name &&
         container.command.empty() &&
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
  return ", as kubectl debug --profile=" + std::string(to_string(level)) + " does";
}

}  // namespace cvm
