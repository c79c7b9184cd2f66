// Which cluster a command asks, where it may ask one: --kubeconfig, --context, --in-cluster.
#pragma once

#include <CLI/App.hpp>
#include <string>

#include "webhook/kubernetes/access/cluster_access.hpp"

namespace cvm::webhook {

struct ClusterOptions {
  std::string kubeconfig_file, context;
  bool in_cluster = false;

  // Whether the command line names a cluster.
  bool is_given() const { return in_cluster || !kubeconfig_file.empty() || !context.empty(); }
};

// Adds --kubeconfig and --in-cluster to `source`, which is `command` or a group of its options, and
// --context to `command`. As kubectl's plugin, --context alone is enough.
void add_cluster_options(CLI::App& command, CLI::App& source, bool as_plugin,
                         ClusterOptions& options);

// Where no file is named, those which kubectl would read: $KUBECONFIG, else ~/.kube/config. Runs
// the user's credential plugin, as kubectl does. Throws Unusable, with the command's name before
// the message.
ClusterAccess open_cluster(const ClusterOptions& options, const std::string& command);

}  // namespace cvm::webhook
