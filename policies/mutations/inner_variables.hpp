// Names of the variables by which envbox is told of its inner container (envbox, cli/docker.go).
#pragma once

#include <string_view>

#include "policies/mutations/obeyed_variables.hpp"

namespace cvm {

inline constexpr std::string_view kInnerImage = "CODER_INNER_IMAGE";
inline constexpr std::string_view kInnerUsername = "CODER_INNER_USERNAME";
inline constexpr std::string_view kInnerHostname = "CODER_INNER_HOSTNAME";
inline constexpr std::string_view kInnerWorkDir = "CODER_INNER_WORK_DIR";
inline constexpr std::string_view kInnerCpus = "CODER_CPUS";
inline constexpr std::string_view kInnerMemory = "CODER_MEMORY";  // bytes
inline constexpr std::string_view kBootstrapScript = "CODER_BOOTSTRAP_SCRIPT";
// Names of the variables that are passed on: "A,B,PREFIX_*".
inline constexpr std::string_view kInnerEnvs = "CODER_INNER_ENVS";
// "source:target[:ro],..."
inline constexpr std::string_view kInnerMounts = "CODER_MOUNTS";
// The text of a Secret of type kubernetes.io/dockerconfigjson.
inline constexpr std::string_view kImagePullSecret = "CODER_IMAGE_PULL_SECRET";

// The inner user where nothing says another: envbox needs one, and knows not the image's own.
inline constexpr std::string_view kRootUser = "root";

// Passed on always: the API server's address, as in every container.
inline constexpr std::string_view kServiceVariables = "KUBERNETES_*";

}  // namespace cvm
