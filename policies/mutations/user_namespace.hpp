// What gives a CVM of mode native its user namespace: spec.hostUsers, or an annotation of CRI-O.
//
// Source: https://github.com/nestybox/sysbox/blob/master/docs/user-guide/install-k8s.md
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "policies/rule.hpp"

namespace cvm {

class PatchWriter;

inline constexpr std::string_view kUsernsModeAnnotation = "io.kubernetes.cri-o.userns-mode";
// As Sysbox's documents have it (docs/user-guide/deploy.md).
inline constexpr std::string_view kUsernsMode = "auto:size=65536";

// Whether CRI-O gives the pod a user namespace that it chooses itself by this value of the
// annotation, and large enough: "auto", "auto:size=131072". Other options say which of the node's
// users the pod's are, and root might be root there (cri-o, tutorials/userns.md).
bool gives_user_namespace(std::string_view userns_mode);

// What the pod has by itself: one of the two, or nullopt for neither, both, or what is no use.
std::optional<UserNamespaceNeed> user_namespace_of(const PodView& pod);

// Appends the operations that the pod needs for `need`. metadata.annotations must be there once
// those before them have run.
void append_user_namespace(const PodView& pod, UserNamespaceNeed need, PatchWriter& patch);

// What of the pod's own would fail with `need` and is replaced or removed, and what is left though
// nobody has tried it: a sentence each.
void describe_stale(const PodView& pod, UserNamespaceNeed need, Problems& problems);

}  // namespace cvm
