// ClusterAccess: how to reach an API server and who we are there.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "policies/model/result.hpp"

namespace cvm::webhook {

// A program that prints credentials, as `exec` of a kubeconfig's user names it.
struct CredentialPlugin {
  enum class Interaction { kNever, kIfAvailable, kAlways };  // with the user, at a terminal

  std::string place;        // of it, for messages: "FILE: users[dev].user.exec"
  std::string api_version;  // "client.authentication.k8s.io/v1"
  std::string command;      // a path, or a name that is looked for in $PATH
  std::vector<std::string> arguments;
  std::vector<std::pair<std::string, std::string>> environment;  // besides ours
  Interaction interaction = Interaction::kIfAvailable;
  std::string install_hint;  // what to do when there is no such program; empty: not said
  std::string cluster;       // JSON that it is told of the cluster; empty: nothing
};

struct ClusterAccess {
  std::string host;  // name or address, without brackets
  std::string port;  // "6443"
  bool tls = true;
  std::string path_prefix;  // of the server URL, without a trailing slash: "" or "/k8s/clusters/x"
  std::string server_name;  // for SNI and verification; empty: host
  std::string ca_pem;       // empty: the system's trust store
  bool insecure_skip_tls_verify = false;
  std::string client_certificate_pem, client_key_pem;  // empty: none
  std::string token;                                   // bearer; empty: none
  std::string ns;  // of the kubeconfig's context, or of the service account; empty: not said
  std::string token_file;  // re-read before each connection, as service account tokens rotate
  // What is to be run for credentials (credential_plugin.hpp) where none of the above is there.
  std::optional<CredentialPlugin> plugin = std::nullopt;
};

// Where the kubelet puts a pod's service account.
inline constexpr const char* kServiceAccountDirectory =
    "/var/run/secrets/kubernetes.io/serviceaccount";

// The service account of the pod that we run in: KUBERNETES_SERVICE_HOST and _PORT, and the files
// ca.crt, token and namespace in `directory`.
Result<ClusterAccess> in_cluster_access(const std::string& directory = kServiceAccountDirectory);

// Kubeconfig files as kubectl merges them: of entries of the same name, and of current-context,
// that of the first file counts; files that are not there are left out where another is. `context`
// empty: current-context. Relative paths are relative to their file. Auth providers are errors that
// say what to use instead. Nothing is run.
Result<ClusterAccess> kubeconfig_access(const std::vector<std::string>& files,
                                        const std::string& context);

}  // namespace cvm::webhook
