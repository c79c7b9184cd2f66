// The user of a kubeconfig's context: who we are at its API server.
#pragma once

#include <string>

#include "webhook/kubernetes/access/cluster_access.hpp"
#include "webhook/kubernetes/access/kubeconfig_section.hpp"

namespace cvm::webhook {

// Puts the credentials of `user`, or the plugin that gives them, into `access`, which has its
// server from `cluster` already. `file` is the user's, for messages of the plugin.
void read_kubeconfig_user(const KubeconfigSection& user, const std::string& file,
                          const KubeconfigSection& cluster, ClusterAccess& access);

}  // namespace cvm::webhook
