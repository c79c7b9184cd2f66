// What gives a pod of Sysbox its user namespace on a node, by the node's container runtime: a table
// as data, which the settings' rows stand before.
//
// Source: https://github.com/nestybox/sysbox/blob/master/docs/user-guide/install-k8s.md
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "policies/model/compatibility.hpp"
#include "policies/model/node_facts.hpp"

namespace cvm {

struct UserNamespaceSupport {
  std::string_view runtime;  // as UserNamespaceRow; a bound of 0.0: none
  VersionNumber from, below, kubernetes_from, kubernetes_below;
  UserNamespaceNeed need;
  bool is_bug;              // what the node says of its handlers does not count
  std::string_view reason;  // for kUnsupported: "containerd before 2.0.5 ..."
};

// The built-in rows; the first that holds decides.
std::span<const UserNamespaceSupport> user_namespace_table();

struct NodeUserNamespaces {
  // nullopt: the node does not say what it runs, so nothing is held against it.
  std::optional<UserNamespaceNeed> need;
  std::string reason;  // why it is kUnsupported, for people; else empty
};

// The rows of `compatibility` decide, then the built-in rows that are bugs. After these, the
// built-in row and what the node's handler of Sysbox (else its default handler) says of
// userNamespaces: false rules hostUsers out; true allows it where no row does.
//
// `true` does not turn a row's annotation into hostUsers: it says what the runtime can and not that
// the feature gate UserNamespacesSupport is on, which it is from Kubernetes 1.33 only; without it
// the API server drops the field.
NodeUserNamespaces find_user_namespaces(const NodeFacts& node, const Compatibility& compatibility);

// Whether the handler is Sysbox's. Names are the administrator's; Sysbox's own is "sysbox-runc".
bool is_sysbox_handler(std::string_view handler);

// Whether the node tells its handlers and none is Sysbox's.
bool lacks_sysbox(const NodeFacts& node);

std::string_view to_string(UserNamespaceNeed need);  // "hostUsers", "annotation", "unsupported"

}  // namespace cvm
