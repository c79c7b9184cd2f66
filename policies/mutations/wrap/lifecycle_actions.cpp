#include "policies/mutations/wrap/lifecycle_actions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

#include "policies/mutations/supervisor_variables.hpp"

namespace cvm {

namespace {

using Kind = LifecycleAction::Kind;

// envbox, cli/docker.go, InnerContainerName.
constexpr std::string_view kInnerContainer = "workspace_cvm";

// As the kubelet asks: certificates are not verified, any status below 400 will do. Nothing of the
// URL is a pattern to curl, and the workspace's proxy is not asked.
constexpr std::array<std::string_view, 12> kCurl = {
    "curl",         "--globoff", "--insecure", "--fail",   "--silent",  "--show-error",
    "--path-as-is", "--noproxy", "*",          "--output", "/dev/null", "--"};

// Opens and closes a connection.
constexpr std::array<std::string_view, 3> kConnect = {"bash", "-c", R"(exec 3<>"/dev/tcp/$0/$1")"};

std::optional<unsigned> parse_number(std::string_view text) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool is_port(std::string_view text) {
  const auto number = parse_number(text);
  return number && *number > 0 && *number <= 65535 && text.front() != '0';
}

// The number of a action's port; empty where it is no port of the container's.
std::string port_number(std::string_view port, const Container& container) {
  if (is_port(port)) return std::string(port);
  for (const ContainerPort& one : container.ports) {
    if (one.name != port || port.empty() || !one.container_port) continue;
    std::string number = std::to_string(*one.container_port);
    return is_port(number) ? number : std::string();
  }
  return {};
}

std::string scheme_of(const LifecycleAction& action) {
  if (action.scheme.empty() || action.scheme == "HTTP") return "http://";
  return action.scheme == "HTTPS" ? "https://" : "";
}

template <typename Words>
std::vector<std::string> to_command(const Words& words) {
  return {words.begin(), words.end()};
}

std::vector<std::string> docker_exec(const InnerTarget& inner) {
  return {"docker", "exec", "--user=" + std::string(inner.user), std::string(kInnerContainer)};
}

bool is_url(std::string_view url, std::string_view address) {
  for (std::string_view scheme : {"http://", "https://"}) {
    if (!url.starts_with(scheme)) continue;
    url.remove_prefix(scheme.size());
    if (!url.starts_with(address)) return false;
    url.remove_prefix(address.size());
    const std::size_t slash = url.find('/');
    return url.starts_with(':') && slash != std::string_view::npos &&
           is_port(url.substr(1, slash - 1));
  }
  return false;
}

template <typename Prefix>
bool begins(const std::pmr::vector<std::string_view>& command, const Prefix& prefix) {
  return command.size() >= prefix.size() &&
         std::equal(prefix.begin(), prefix.end(), command.begin());
}

}  // namespace

std::string inner_address(std::string_view cidr) {
  std::uint32_t address = 0;
  std::string_view rest = cidr.substr(0, cidr.find('/'));
  for (int part = 0; part < 4; ++part) {
    const std::size_t dot = rest.find('.');
    address = address << 8U | parse_number(rest.substr(0, dot)).value_or(0);
    rest.remove_prefix(dot == std::string_view::npos ? rest.size() : dot + 1);
  }
  address += 2;
  std::string text;
  for (unsigned shift = 24; shift < 32; shift -= 8) {
    if (!text.empty()) text += '.';
    text += std::to_string(address >> shift & 255U);
  }
  return text;
}

std::vector<std::string> carried_command(const LifecycleAction& action, const Container& container,
                                         const InnerTarget& inner) {
  if (action.kind == Kind::kExec) {
    if (action.command.empty()) return {};
    std::vector<std::string> command = docker_exec(inner);
    command.insert(command.end(), action.command.begin(), action.command.end());
    return command;
  }
  const std::string port = port_number(action.port, container);
  if (!action.host.empty() || action.has_http_headers || port.empty()) return {};
  if (action.kind == Kind::kTcpSocket) {
    std::vector<std::string> command = to_command(kConnect);
    command.insert(command.end(), {inner.address, port});
    return command;
  }
  const std::string scheme = scheme_of(action);
  if (action.kind != Kind::kHttpGet || scheme.empty()) return {};
  std::vector<std::string> command = to_command(kCurl);
  std::string url = fmt::format("{}{}:{}", scheme, inner.address, port);
  if (!action.path.starts_with('/')) url += '/';
  // The kubelet expands $(NAME) in the commands of probes, and in nothing else of an action.
  if (action.where.starts_with("lifecycle.")) {
    url += action.path;
  } else {
    append_doubling_dollars(url, action.path);
  }
  command.push_back(std::move(url));
  return command;
}

bool is_carried_command(const std::pmr::vector<std::string_view>& command,
                        const InnerTarget& inner) {
  const std::vector<std::string> exec = docker_exec(inner);
  if (begins(command, exec)) return command.size() > exec.size();
  if (begins(command, kConnect)) {
    return command.size() == kConnect.size() + 2 && command[kConnect.size()] == inner.address &&
           is_port(command.back());
  }
  return begins(command, kCurl) && command.size() == kCurl.size() + 1 &&
         is_url(command.back(), inner.address);
}

}  // namespace cvm
