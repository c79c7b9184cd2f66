// Credential plugins: programs named by a kubeconfig that print who we are at the API server.
// https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
#pragma once

#include "policies/model/result.hpp"
#include "webhook/kubernetes/access/cluster_access.hpp"

namespace cvm::webhook {

// Runs the plugin of `access`, where there is one, and waits for it: its standard error is ours,
// and its standard input too where it may ask the user and there is a terminal. Its token or
// certificate is put into `access`.
Result<void> run_credential_plugin(ClusterAccess& access);

}  // namespace cvm::webhook
