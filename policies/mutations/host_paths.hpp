// The host directories that the supervisor mounts, by the table of coder/docs ("Docker in
// workspaces"):
//
//   caching  autoloadShiftfs  /usr/src    /lib/modules  /var/run   /var/lib
//   off      (no effect)      read-only   read-only     -          -
//   on       off              read-only   read-only     read-only  read-write
//   on       on               read-write  read-write    read-only  read-write
//
// Which directories of the node these are, and where the supervisor has them, the settings say
// (hostPaths). The last two are not at their own paths: the supervisor writes to its /run, and two
// supervisors that shared the node's /var/lib/sysbox would delete each other's, and the node's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "policies/model/pod_view.hpp"
#include "policies/model/settings.hpp"

namespace cvm {

// One row of the host path table that the settings call for.
struct HostPathPart {
  std::string volume_name;  // "cvm-usr-src"
  std::string host_path;    // "/usr/src"
  std::string type;         // "DirectoryOrCreate"
  std::string mount_path;   // "/usr/src"
  bool read_only = true;
  // What is mounted below it on the node is read-only too, where the node's runtime can do that.
  bool recursive = false;
};

std::vector<HostPathPart> host_path_parts(const Settings& settings);

// The node's /var/lib, where caches are kept.
inline constexpr std::string_view kVarLibVolume = "cvm-var-lib";

// The volume as it stands in a pod's spec, as JSON.
std::string render_volume(const HostPathPart& part);
bool is_volume_of(const HostPathPart& part, const Volume& volume);

}  // namespace cvm
