// Directories of a node that no workspace may have, however they are written.
#pragma once

#include <string>
#include <string_view>

namespace cvm {

// `path` without "." and "..", without doubled and trailing slashes; "/" for the root. `path` is
// absolute.
std::string normal_path(std::string_view path);

// Whether `path` is a directory that supervisors (settings.hostPaths) or the node itself work
// with, a name that links to one, a directory above one, or, but for /var/lib, below one.
bool holds_host_directory(std::string_view path);

}  // namespace cvm
