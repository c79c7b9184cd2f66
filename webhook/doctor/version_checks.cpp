// Versions of Kubernetes and of the nodes' container runtimes.
//
// Reads /version and status.nodeInfo of Nodes. A sidecar container is one from Kubernetes 1.29 on;
// what native mode needs of a container runtime is in compatibility/user_namespaces.hpp.

#include <fmt/format.h>

#include <map>
#include <optional>

#include "policies/compatibility/user_namespaces.hpp"
#include "policies/model/version_number.hpp"
#include "webhook/doctor/check_parts.hpp"
#include "webhook/doctor/checks.hpp"

namespace cvm::webhook {
namespace {

constexpr VersionNumber kSidecarsFrom{1, 29};
// Kubernetes, "Version Skew Policy": how far a kubelet may be behind the API server.
constexpr std::uint32_t kMostMinorsBehind = 3;

std::optional<VersionNumber> version_of(std::string_view text) {
  if (text.starts_with('v')) text.remove_prefix(1);
  return take_version_number(text);
}

bool uses_sidecars(const CheckInput& input) {
  for (const NamedSettings& named : all_settings(input)) {
    if (named.settings->mode == Mode::kSupervised &&
        named.settings->supervisor.placement == Placement::kSidecar) {
      return true;
    }
  }
  return false;
}

constexpr const char* kShowVersions = "kubectl get nodes -o wide";

void check_sidecars(const CheckInput& input, const std::vector<std::string>& old_nodes,
                    Findings& out) {
  const auto server = version_of(input.facts.server_version);
  const bool server_is_old = server && *server < kSidecarsFrom;
  if (!uses_sidecars(input) || (!server_is_old && old_nodes.empty())) return;
  const std::string what =
      server_is_old ? fmt::format("the API server is {}", input.facts.server_version)
                    : fmt::format("kubelets are older than 1.29: {}", some_of(old_nodes));
  const std::string message = fmt::format(
      "{}, and sidecar containers, as supervisor.placement has it, need 1.29; upgrade, or set it "
      "to container",
      what);
  if (server_is_old) {
    out.fail(message, fmt::format("kubectl -n {} edit configmap cvm-webhook-settings",
                                  input.facts.webhook_namespace()));
  } else {
    out.warn(message, kShowVersions);
  }
}

}  // namespace

void check_kubernetes_version(const CheckInput& input, Findings& out) {
  if (skip_unknown(input, ObjectKind::kNode, out)) return;
  const auto server = version_of(input.facts.server_version);
  std::vector<std::string> without_sidecars, too_old;
  for (const NodeFacts& node : input.facts.nodes) {
    const auto version = version_of(node.kubelet_version);
    if (!version) continue;
    if (*version < kSidecarsFrom) without_sidecars.push_back(node.name);
    const bool is_behind = server && server->major == version->major &&
                           version->minor + kMostMinorsBehind < server->minor;
    if (is_behind) too_old.push_back(node.name);
  }
  check_sidecars(input, without_sidecars, out);
  if (!too_old.empty()) {
    out.warn(fmt::format("kubelets are more than 3 minor versions behind the API server {}: {}",
                         input.facts.server_version, some_of(too_old)),
             kShowVersions);
  }
  out.pass_if_silent(input.facts.server_version.empty()
                         ? "the kubelets' versions fit; a dump does not tell the API server's"
                         : fmt::format("the API server is {}", input.facts.server_version));
}

void check_container_runtime(const CheckInput& input, Findings& out) {
  if (skip_unknown(input, ObjectKind::kNode, out)) return;
  std::map<std::string, std::size_t> runtimes;
  for (const NodeFacts& node : input.facts.nodes) ++runtimes[node.container_runtime];
  for (const NamedSettings& named : all_settings(input)) {
    if (named.settings->mode != Mode::kNative) continue;
    std::map<std::string, std::vector<std::string>> unfit;  // by reason
    for (const NodeFacts& node : input.facts.nodes) {
      NodeUserNamespaces found = find_user_namespaces(node, named.settings->compatibility);
      if (found.need == UserNamespaceNeed::kUnsupported) unfit[found.reason].push_back(node.name);
    }
    for (const auto& [reason, nodes] : unfit) {
      out.warn(fmt::format("{}{} ({})", named.prefix(), reason, some_of(nodes)), kShowVersions);
    }
  }
  std::string text;
  for (const auto& [runtime, count] : runtimes) {
    if (!text.empty()) text += ", ";
    text += fmt::format("{} on {}", runtime.empty() ? "unknown" : runtime, count_of(count, "node"));
  }
  out.pass_if_silent(text.empty() ? "there are no nodes" : std::move(text));
}

}  // namespace cvm::webhook
