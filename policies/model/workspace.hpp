// The labels and annotations by which a workspace pod says what it wants, and the names that are
// ours in it.
#pragma once

#include <string_view>

#include "policies/model/pod_view.hpp"

namespace cvm {

// Label on a pod: "true" makes it a CVM, "false" leaves it alone, absent: settings.default_to_cvm.
inline constexpr std::string_view kCvmLabel = "cvm-webhook.io/cvm";
// Annotation on a pod: the container that becomes the CVM.
inline constexpr std::string_view kWorkspaceContainerAnnotation =
    "cvm-webhook.io/workspace-container";
// kubectl's own annotation, read where ours is absent.
inline constexpr std::string_view kDefaultContainerAnnotation =
    "kubectl.kubernetes.io/default-container";

inline constexpr std::string_view kSupervisorName = "cvm-supervisor";
inline constexpr std::string_view kReservedPrefix = "cvm-";  // volumes

// The regular container of that name, the supervisor's name excepted; null when there is none.
const Container* find_workspace_container(const PodView& pod, std::string_view name);

// The container that our annotation names, else kubectl's, else the first; names of no container
// are passed over. Null when the pod has no regular container besides the supervisor.
const Container* workspace_container(const PodView& pod);

}  // namespace cvm
