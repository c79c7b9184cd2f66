// The rules, each defined in its own file; registry.cpp puts them in order.
#pragma once

#include "policies/rule.hpp"

namespace cvm {

// Pod rules
extern const PodRule kCvmDisabled;
extern const PodRule kCvmLabelRule;
extern const PodRule kWorkspaceContainer;
extern const PodRule kRuntimeClassConflict;
extern const PodRule kHostNamespaces;
extern const PodRule kSharedProcessNamespace;
extern const PodRule kPrivilegedWorkspace;
extern const PodRule kReservedName;
extern const PodRule kGpuVendor;
extern const PodRule kGpuCaching;
extern const PodRule kGpuBeta;
extern const PodRule kTmpMount;
extern const PodRule kMirrorPod;
extern const PodRule kVolumeDriver;
extern const PodRule kHostVolume;
extern const PodRule kWrapUnsupported;
extern const PodRule kWrapDropped;
extern const PodRule kWrapEntrypoint;
extern const PodRule kWrapUser;
extern const PodRule kWrapReadOnly;
extern const PodRule kGpuNative;
extern const PodRule kSysboxVariable;
extern const PodRule kVolumeIdMapping;
extern const PodRule kVolumeOwnership;
extern const PodRule kIgnoredProfile;

// Rules about changes of a running CVM
extern const PodChangeRule kPlanChanged;
extern const PodChangeRule kCvmOptOut;

// Rules about connections into a CVM
extern const PodConnectionRule kSupervisorAccess;
extern const PodConnectionRule kPortForward;
extern const PodConnectionRule kPodProxy;

// Node rules
extern const NodeRule kNodeOs;
extern const NodeRule kNodeArchitecture;
extern const NodeRule kNodeKubernetesVersion;
extern const NodeRule kNodeSelinux;
extern const NodeRule kNodeKernel;
extern const NodeRule kNodeShiftfs;
extern const NodeRule kGpuCloud;
extern const NodeRule kNodeSysbox;
extern const NodeRule kNodeUserNamespaces;
extern const NodeRule kNodeIdMapping;

}  // namespace cvm
