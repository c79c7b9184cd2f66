// The controls of the Kubernetes Pod Security Standards, each defined in its own file; registry.cpp
// puts them in order.
#pragma once

#include "policies/rule.hpp"

namespace cvm {

// From level baseline on
extern const PodRule kPodSecurityHostNamespaces;
extern const PodRule kPodSecurityPrivileged;
extern const PodRule kPodSecurityCapabilitiesBaseline;
extern const PodRule kPodSecurityHostPathVolumes;
extern const PodRule kPodSecurityHostPorts;
extern const PodRule kPodSecurityHostProbes;
extern const PodRule kPodSecurityAppArmor;
extern const PodRule kPodSecuritySelinux;
extern const PodRule kPodSecurityProcMount;
extern const PodRule kPodSecuritySeccompBaseline;
extern const PodRule kPodSecuritySysctls;
extern const PodRule kPodSecurityWindowsHostProcess;

// At level restricted
extern const PodRule kPodSecurityVolumeTypes;
extern const PodRule kPodSecurityPrivilegeEscalation;
extern const PodRule kPodSecurityRunAsNonRoot;
extern const PodRule kPodSecurityRunAsUser;
extern const PodRule kPodSecuritySeccompRestricted;
extern const PodRule kPodSecurityCapabilitiesRestricted;
extern const PodRule kPodSecurityProcMountRestricted;

}  // namespace cvm
