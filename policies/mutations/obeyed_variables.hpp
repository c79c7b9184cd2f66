// Names of environment variables that must not reach the programs of a supervisor from a workspace:
// envbox, dockerd, Sysbox and what they start would obey them, as root of the node.
#pragma once

#include <string_view>

namespace cvm {

enum class VariableUse {
  kNone,      // nobody in the supervisor reads it: it is passed on by its name
  kPrograms,  // a program would obey it: only the workspace's own command may get it
  kEnvbox,    // envbox itself reads it: it would say something else of the inner container
};

VariableUse use_of_variable(std::string_view name);

// Whether a variable whose name begins with `prefix`, whatever follows, is of no use.
bool is_unused_prefix(std::string_view prefix);

// Whether CODER_INNER_ENVS can name it: a list with commas, in which * ends a prefix and spaces are
// cut off.
bool can_be_listed(std::string_view name);

// Variables that envbox passes on by itself (envbox, cli/docker.go, defaultContainerEnvs).
bool is_passed_by_envbox(std::string_view name);

}  // namespace cvm
