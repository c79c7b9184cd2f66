#include "policies/mutations/wrap/inner_mounts.hpp"

#include <array>
#include <utility>

namespace cvm {

namespace {

constexpr std::string_view kHome = "/home/";
constexpr std::string_view kToken = "/var/run/secrets/kubernetes.io/serviceaccount";
constexpr std::size_t kLongestName = 255;  // of a file: NAME_MAX

// envbox, cli/docker.go, defaultMounts: of the inner container, and where the supervisor has them.
constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kMountedByEnvbox = {{
    {"/var/lib/docker", "/var/lib/coder/docker"},
    {"/var/lib/containers", "/var/lib/coder/containers"},
}};

bool is_home(std::string_view path) {
  if (!path.starts_with(kHome)) return false;
  const std::string_view name = path.substr(kHome.size());
  return !name.empty() && name.find('/') == std::string_view::npos && name != "." && name != ".." &&
         name.front() != '%';
}

bool is_secret(std::string_view path) { return path == kToken; }

std::string escape(std::string_view path) {
  std::string name;
  for (char character : path) {
    if (character == '/') {
      name += "%2F";
    } else if (character == '%') {
      name += "%25";
    } else {
      name += character;
    }
  }
  return name;
}

std::optional<std::string> unescape(std::string_view name) {
  std::string path;
  for (std::size_t at = 0; at < name.size(); ++at) {
    if (name[at] != '%') {
      path += name[at];
    } else if (name.substr(at, 3) == "%2F") {
      path += '/';
      at += 2;
    } else if (name.substr(at, 3) == "%25") {
      path += '%';
      at += 2;
    } else {
      return std::nullopt;
    }
  }
  return path;
}

}  // namespace

std::string supervisor_mount_path(std::string_view path) {
  for (const auto& [inner, outer] : kMountedByEnvbox) {
    if (path == inner) return std::string(outer);
  }
  if (is_home(path) || is_secret(path)) return std::string(path);
  return std::string(kHome) + escape(path);
}

std::optional<std::string> inner_mount_path(std::string_view path) {
  for (const auto& [inner, outer] : kMountedByEnvbox) {
    if (path == outer) return std::string(inner);
  }
  if (is_home(path) || is_secret(path)) return std::string(path);
  if (!path.starts_with(kHome)) return std::nullopt;
  auto inner = unescape(path.substr(kHome.size()));
  if (!inner || !inner->starts_with('/') || supervisor_mount_path(*inner) != path) {
    return std::nullopt;
  }
  return inner;
}

bool is_mounted_by_envbox(std::string_view path) {
  return path == kMountedByEnvbox[0].first || path == kMountedByEnvbox[1].first;
}

std::string_view mount_path_problem(std::string_view path) {
  if (!path.starts_with('/')) return "is not absolute; begin it with /";
  if (path.find_first_of(",:") != std::string_view::npos) {
    return "has a comma or a colon, which part the list that envbox reads; choose another path";
  }
  std::string_view directory = path;
  while (directory.ends_with('/')) directory.remove_suffix(1);
  if (directory != path && is_mounted_by_envbox(directory)) return "ends with /; leave that out";
  if (is_home(path) || is_secret(path) || is_mounted_by_envbox(path)) return {};
  if (escape(path).size() > kLongestName) return "is too long; choose a shorter path";
  return {};
}

}  // namespace cvm
