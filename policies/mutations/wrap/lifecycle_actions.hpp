// Probes and hooks of a workspace, which the kubelet runs in the supervisor: a command is run in
// the inner container by `docker exec`, and requests go to the inner container's address, since
// envbox forwards no ports of the pod. None of it gives the user a command of their own in the
// supervisor.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policies/model/pod_view.hpp"

namespace cvm {

// The inner container as the supervisor's programs find it.
struct InnerTarget {
  std::string address;    // "172.19.0.2"
  std::string_view user;  // CODER_INNER_USERNAME
};

// The address that the supervisor's Docker gives its only container: the second one of the network,
// whose first is the bridge's (envbox, dockerutil/network.go). `cidr`: as check_cvm_network() has
// it.
std::string inner_address(std::string_view cidr);

// The command that does in the supervisor what `action` does in the workspace; empty where none
// can. `container`: whose ports it may name.
std::vector<std::string> carried_command(const LifecycleAction& action, const Container& container,
                                         const InnerTarget& inner);

// Whether `command` is one that carried_command() gives.
bool is_carried_command(const std::pmr::vector<std::string_view>& command,
                        const InnerTarget& inner);

// Whether the action can stay as it is: it does nothing in the container.
inline bool stays(const LifecycleAction& action) {
  return action.kind == LifecycleAction::Kind::kSleep ||
         action.kind == LifecycleAction::Kind::kNone;
}

}  // namespace cvm
