// The host directories that the supervisor mounts, by the table of coder/docs ("Docker in
// workspaces"):
//
//   caching  autoloadShiftfs  /usr/src    /lib/modules  /var/run   /var/lib
//   off      (no effect)      read-only   read-only     -          -
//   on       off              read-only   read-only     read-only  read-write
//   on       on               read-write  read-write    read-only  read-write
#pragma once

#include <string>
#include <vector>

#include "policies/model/pod_view.hpp"
#include "policies/model/settings.hpp"

namespace cvm {

// One row of the host path table that the settings call for.
struct HostPathPart {
  std::string volume_name;  // "cvm-usr-src"
  std::string host_path;    // "/usr/src"
  std::string type;         // "Directory"
  std::string mount_path;   // "/usr/src"
  bool read_only = true;
};

std::vector<HostPathPart> host_path_parts(const Settings& settings);

// The volume as it stands in a pod's spec, as JSON.
std::string render_volume(const HostPathPart& part);
// The mount of that volume in the supervisor, as JSON.
std::string render_volume_mount(const HostPathPart& part);

bool is_volume_of(const HostPathPart& part, const Volume& volume);
bool is_mount_of(const HostPathPart& part, const VolumeMount& mount);

}  // namespace cvm
