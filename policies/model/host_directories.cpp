#include "policies/model/host_directories.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace cvm {

namespace {

// The second name of a pair links to the first, or the other way round, on the systems of facts.md.
constexpr std::array<std::string_view, 8> kHostDirectories = {
    "/usr/src", "/lib/modules", "/usr/lib/modules", "/var/run",
    "/run",     "/var/lib",     "/var/lib/kubelet", "/var/lib/sysbox"};

}  // namespace

std::string normal_path(std::string_view path) {
  std::vector<std::string_view> names;
  while (!path.empty()) {
    const std::string_view name = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), name.size() + 1));
    if (name.empty() || name == ".") continue;
    if (name != "..") {
      names.push_back(name);
    } else if (!names.empty()) {
      names.pop_back();
    }
  }
  std::string result;
  for (std::string_view name : names) {
    result += '/';
    result += name;
  }
  return result.empty() ? "/" : result;
}

bool holds_host_directory(std::string_view path) {
  const std::string normal = normal_path(path);
  return normal == "/" ||
         std::any_of(kHostDirectories.begin(), kHostDirectories.end(),
                     [&normal](std::string_view directory) {
                       return directory.starts_with(normal) && (directory.size() == normal.size() ||
                                                                directory[normal.size()] == '/');
                     });
}

}  // namespace cvm
