// Where a wrapped supervisor has the volumes of its workspace, for envbox to mount them in the
// inner container.
//
// envbox gives a directory of /home, by its path in the supervisor, to the inner user and every
// other one to the inner root (envbox, cli/docker.go, isHomeDir), so all go there; and none may lie
// over a file of the supervisor's own. /home/dev stays where it is; /data/a b becomes
// "/home/%2Fdata%2Fa b". The service account's token stays there too: the API server looks for it
// at its path when it is asked again. Nothing else does, since links in a volume of the user's
// would lead a mount inside it to the supervisor's files.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cvm {

// `path`: a volumeMount's mountPath in the workspace container.
std::string supervisor_mount_path(std::string_view path);

// The other way round; nullopt for a path that supervisor_mount_path() never gives.
std::optional<std::string> inner_mount_path(std::string_view path);

// Whether envbox itself mounts the directory of supervisor_mount_path(path) in the inner container,
// so that it must not be told to: the directories of the inner Docker and Podman.
bool is_mounted_by_envbox(std::string_view path);

// Why `path` cannot be told to envbox, "what it is; what to do"; empty: it can.
std::string_view mount_path_problem(std::string_view path);

}  // namespace cvm
