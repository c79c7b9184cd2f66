// Which cluster a command asks, where it may ask one: --kubeconfig, --context, --in-cluster.
#pragma once

#include <string>

#include "webhook/commands/command_line/command.hpp"
#include "webhook/kubernetes/access/cluster_access.hpp"

namespace cvm::webhook {

struct ClusterOptions {
  std::string kubeconfig_file, context;
  bool in_cluster = false;

  // Whether the command line names a cluster.
  bool is_given() const { return in_cluster || !kubeconfig_file.empty() || !context.empty(); }
};

// The group of options that say where `command` takes what it judges from.
Command add_source_group(const Command& command, bool as_plugin);

// Adds --kubeconfig and --in-cluster to `source`, which is `command` or a group of its options, and
// --context to `command`. As kubectl's plugin, --context alone is enough.
void add_cluster_options(const Command& command, const Command& source, bool as_plugin,
                         ClusterOptions& options);

// Where no file is named, those which kubectl would read: $KUBECONFIG, else ~/.kube/config. Runs
// the user's credential plugin, as kubectl does. Throws Unusable, with the command's name before
// the message.
ClusterAccess open_cluster(const ClusterOptions& options, const std::string& command);

}  // namespace cvm::webhook
