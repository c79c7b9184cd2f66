// What may stand on the supervisor besides the plan: the API server's defaults, and what well-known
// admission plugins and webhooks add to every container of a pod. Short on purpose.
#pragma once

#include <string_view>

#include "policies/model/pod_view.hpp"

namespace cvm {

// The AlwaysPullImages admission plugin sets it on every container.
inline constexpr std::string_view kInjectedPullPolicy = "Always";

// The API server's default (seen in tests/data/recordings).
inline constexpr std::string_view kDefaultTerminationMessagePath = "/dev/termination-log";

// Fields of a container that the API server fills in.
bool is_defaulted_field(std::string_view field);

// Resources that a LimitRange gives a default; requests are also defaulted from limits.
bool is_defaulted_resource(std::string_view resource);

// A service account token or a cloud's workload identity: read-only, under /var/run/secrets/.
bool is_injected_mount(const VolumeMount& mount, const PodView& pod);

// The variables that come with a cloud's workload identity.
bool is_injected_variable(const EnvVar& variable);

}  // namespace cvm
