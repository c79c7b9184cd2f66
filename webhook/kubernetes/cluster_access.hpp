// ClusterAccess: how to reach an API server and who we are there.
#pragma once

#include <string>

#include "policies/model/result.hpp"

namespace cvm::webhook {

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
};

// Where the kubelet puts a pod's service account.
inline constexpr const char* kServiceAccountDirectory =
    "/var/run/secrets/kubernetes.io/serviceaccount";

// The service account of the pod that we run in: KUBERNETES_SERVICE_HOST and _PORT, and the files
// ca.crt, token and namespace in `directory`.
Result<ClusterAccess> in_cluster_access(const std::string& directory = kServiceAccountDirectory);

// A kubeconfig file; `context` empty: its current-context. Relative paths are relative to the file.
// exec plugins and auth providers are errors that say what to use instead.
Result<ClusterAccess> kubeconfig_access(const std::string& file, const std::string& context);

}  // namespace cvm::webhook
