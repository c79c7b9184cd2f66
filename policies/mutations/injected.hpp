// What may stand on the supervisor besides the plan: the API server's defaults, and what well-known
// admission plugins and webhooks add to every container of a pod. Short on purpose.
#pragma once

#include <string_view>

#include "policies/model/pod_view.hpp"
#include "policies/model/settings.hpp"

namespace cvm {

// The AlwaysPullImages admission plugin sets it on every container.
inline constexpr std::string_view kInjectedPullPolicy = "Always";

// The API server's default (seen in tests/data/recordings).
inline constexpr std::string_view kDefaultTerminationMessagePath = "/dev/termination-log";

// Fields of a container that the API server fills in.
bool is_defaulted_field(std::string_view field);

// Resources that a LimitRange gives a default; requests are also defaulted from limits.
bool is_defaulted_resource(std::string_view resource);

// One of settings.mounts: a service account token, a cloud's workload identity, Vault's secrets.
bool is_injected_mount(const VolumeMount& mount, const PodView& pod,
                       const InjectedSettings& settings);

// One of settings.variables, with a value of its own.
bool is_injected_variable(const EnvVar& variable, const InjectedSettings& settings);

}  // namespace cvm
