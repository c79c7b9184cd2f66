// The labels and annotations by which a workspace pod says what it wants, and the names that are
// ours in it.
#pragma once

#include <string_view>

#include "policies/model/settings.hpp"

namespace cvm {

struct Container;
struct PodView;

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

// Annotation on a pod: version and hash of the plan that it was given. A pod that has it is a CVM.
inline constexpr std::string_view kPlanAnnotation = "cvm-webhook.io/plan";
// Annotation on a CVM whose workspace container was wrapped: the name of that container, which is
// the supervisor now.
inline constexpr std::string_view kSupervisorAnnotation = "cvm-webhook.io/supervisor";
// Label on a pod or on a namespace: the profile of the settings that is asked for.
inline constexpr std::string_view kProfileLabel = "cvm-webhook.io/profile";
// Annotation on a CVM: the profile by which it was made; absent: the settings themselves.
inline constexpr std::string_view kProfileAnnotation = "cvm-webhook.io/profile";
// Label on a namespace: "enabled" makes its pods workspaces.
inline constexpr std::string_view kWorkspacesLabel = "cvm-webhook.io/workspaces";

// Annotation that a kubelet puts on the mirrors of its static pods.
inline constexpr std::string_view kMirrorAnnotation = "kubernetes.io/config.mirror";

// Whether the pod's labels, or else the settings, ask for a CVM.
bool wants_cvm(const PodView& pod, const Settings& settings);
bool wants_cvm(const KeyValues& labels, const Settings& settings);

// Whether the pod was given a plan.
bool has_plan(const PodView& pod);

// Whether a pod that is there is a CVM. Names are reserved, so a pod with a supervisor counts as
// one even where it was made before plans were noted.
bool is_cvm_pod(const PodView& pod);

// The container that is the supervisor of a CVM that is there; empty for one without: mode native.
std::string_view supervisor_name(const PodView& pod);

// The container of that name, of any kind; null when there is none.
const Container* find_container(const PodView& pod, std::string_view name);

// The regular container of that name, the supervisor's name excepted; null when there is none.
const Container* find_workspace_container(const PodView& pod, std::string_view name);

// The container that is wrapped, else the one that our annotation names, else kubectl's, else the
// first; names of no container are passed over. Null when the pod has no regular container besides
// the supervisor.
const Container* workspace_container(const PodView& pod);

}  // namespace cvm
