#include "policies/compatibility/user_namespaces.hpp"

#include <algorithm>

#include "policies/model/version_number.hpp"

namespace cvm {

namespace {

constexpr VersionNumber kAny{};

// Sysbox, docs/user-guide/install-k8s.md (containerd; Kubernetes 1.30) and issues 1019, 961 and
// 999: with the feature gate on, which it is from 1.33, the kubelet tells CRI-O about user
// namespaces of every pod and the annotation is not looked at. Issue 987 reports that CRI-O 1.33
// takes the annotation with the gate switched off, with volumes that cannot be written to.
constexpr UserNamespaceSupport kTable[] = {
    {"containerd",
     kAny,
     {2, 0, 1},
     kAny,
     kAny,
     UserNamespaceNeed::kUnsupported,
     false,
     "containerd before 2.0.5 gives pods of Sysbox no user namespace; upgrade containerd to 2.0.5 "
     "or later, or let Sysbox's installer put CRI-O on the node"},
    {"containerd",
     {2, 0, 1},
     {2, 0, 5},
     kAny,
     kAny,
     UserNamespaceNeed::kUnsupported,
     true,
     "containerd 2.0.1 to 2.0.4 has a bug that keeps pods with user namespaces from starting under "
     "Sysbox; upgrade containerd to 2.0.5 or later"},
    {"containerd",
     {2, 0, 5},
     kAny,
     kAny,
     {1, 30},
     UserNamespaceNeed::kUnsupported,
     false,
     "Kubernetes before 1.30 has no user namespaces that containerd 2 could give to pods; upgrade "
     "the node to Kubernetes 1.30 or later"},
    {"containerd", {2, 0, 5}, kAny, {1, 30}, kAny, UserNamespaceNeed::kHostUsers, false, ""},
    {"cri-o", kAny, kAny, kAny, {1, 33}, UserNamespaceNeed::kAnnotation, false, ""},
    {"cri-o", kAny, kAny, {1, 33}, kAny, UserNamespaceNeed::kHostUsers, false, ""},
};

// What a node runs, as far as it can be read.
struct NodeVersions {
  std::string_view runtime;  // "containerd"
  std::optional<VersionNumber> version, kubernetes;
};

std::optional<VersionNumber> version_of(std::string_view text) {
  if (text.starts_with('v')) text.remove_prefix(1);
  return take_version_number(text);
}

NodeVersions versions_of(const NodeFacts& node) {
  constexpr std::string_view kSeparator = "://";
  const std::string_view text = node.container_runtime;
  const std::size_t end = text.find(kSeparator);
  NodeVersions versions{text.substr(0, end), std::nullopt, version_of(node.kubelet_version)};
  if (end != std::string_view::npos) {
    versions.version = version_of(text.substr(end + kSeparator.size()));
  }
  return versions;
}

template <typename Bound>
bool is_within(const std::optional<VersionNumber>& version, const Bound& from, const Bound& below) {
  if (!from && !below) return true;
  return version && (!from || *version >= *from) && (!below || *version < *below);
}

std::optional<VersionNumber> bound(const VersionNumber& version) {
  return version == kAny ? std::nullopt : std::optional(version);
}

bool holds(const UserNamespaceRow& row, const NodeVersions& node) {
  return row.runtime == node.runtime && is_within(node.version, row.from, row.below) &&
         is_within(node.kubernetes, row.kubernetes_from, row.kubernetes_below);
}

bool holds(const UserNamespaceSupport& row, const NodeVersions& node) {
  return row.runtime == node.runtime &&
         is_within(node.version, bound(row.from), bound(row.below)) &&
         is_within(node.kubernetes, bound(row.kubernetes_from), bound(row.kubernetes_below));
}

// Null where no row holds.
template <typename Rows>
const auto* find_row(const Rows& rows, const NodeVersions& node) {
  const auto found = std::find_if(std::begin(rows), std::end(rows),
                                  [&node](const auto& row) { return holds(row, node); });
  return found == std::end(rows) ? nullptr : &*found;
}

// Of Sysbox's handler, else of the default one.
std::optional<bool> handler_says(const NodeFacts& node) {
  for (const auto& [name, says] : node.runtime_handlers) {
    if (is_sysbox_handler(name)) return says;
  }
  const auto found = node.runtime_handlers.find("");
  return found == node.runtime_handlers.end() ? std::nullopt : found->second;
}

NodeUserNamespaces unsupported(std::string reason) {
  return {UserNamespaceNeed::kUnsupported, std::move(reason)};
}

}  // namespace

std::span<const UserNamespaceSupport> user_namespace_table() { return kTable; }

NodeUserNamespaces find_user_namespaces(const NodeFacts& node, const Compatibility& compatibility) {
  if (node.container_runtime.empty()) return {};
  const NodeVersions versions = versions_of(node);
  if (const auto* const given = find_row(compatibility.user_namespaces, versions)) {
    if (given->need != UserNamespaceNeed::kUnsupported) return {given->need, ""};
    return unsupported(given->reason.empty()
                           ? "compatibility.userNamespaces in the settings rules it out; ask your "
                             "cluster administrator"
                           : given->reason);
  }
  const auto* const row = find_row(kTable, versions);
  const std::optional<bool> says = handler_says(node);
  if (row != nullptr && row->is_bug) return unsupported(std::string(row->reason));
  if (row != nullptr && row->need == UserNamespaceNeed::kAnnotation) return {row->need, ""};
  if (says == false) {
    return unsupported(
        "the handler of Sysbox on the node says that it has no user namespaces "
        "(status.runtimeHandlers); install Sysbox 0.7.0 or later");
  }
  if (says == true) return {UserNamespaceNeed::kHostUsers, ""};
  if (row == nullptr) {
    return unsupported(
        "it is not known to give pods of Sysbox a user namespace; use containerd 2.0.5 or later or "
        "CRI-O, or add a row to compatibility.userNamespaces in the settings");
  }
  return {row->need, std::string(row->reason)};
}

bool is_sysbox_handler(std::string_view handler) {
  return handler.find("sysbox") != std::string_view::npos;
}

bool lacks_sysbox(const NodeFacts& node) {
  const auto& handlers = node.runtime_handlers;
  const bool names_any = std::any_of(handlers.begin(), handlers.end(),
                                     [](const auto& handler) { return !handler.first.empty(); });
  return names_any && std::none_of(handlers.begin(), handlers.end(), [](const auto& handler) {
           return is_sysbox_handler(handler.first);
         });
}

std::string_view to_string(UserNamespaceNeed need) {
  switch (need) {
    case UserNamespaceNeed::kHostUsers:
      return "hostUsers";
    case UserNamespaceNeed::kAnnotation:
      return "annotation";
    case UserNamespaceNeed::kUnsupported:
      return "unsupported";
  }
  return "";
}

}  // namespace cvm
