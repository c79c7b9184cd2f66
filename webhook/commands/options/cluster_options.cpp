#include "webhook/commands/options/cluster_options.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <sstream>
#include <utility>
#include <vector>

#include "webhook/formats/unusable.hpp"
#include "webhook/kubernetes/access/credential_plugin.hpp"

namespace cvm::webhook {
namespace {

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::vector<std::string> default_kubeconfigs() {
  std::istringstream variables(variable("KUBECONFIG"));
  std::vector<std::string> files;
  for (std::string file; std::getline(variables, file, ':');) {
    if (!file.empty()) files.push_back(file);
  }
  if (files.empty()) files.push_back(fmt::format("{}/.kube/config", variable("HOME")));
  return files;
}

}  // namespace

Command add_source_group(const Command& command, bool as_plugin) {
  return command.add_group(
      "Source", as_plugin ? "One of these; else $KUBECONFIG or ~/.kube/config" : "One of these",
      as_plugin ? 0 : 1, 1);
}

void add_cluster_options(const Command& command, const Command& source, bool as_plugin,
                         ClusterOptions& options) {
  const Option kubeconfig =
      source.option("--kubeconfig", options.kubeconfig_file, "Ask the API server of this file")
          .takes("FILE");
  source.flag("--in-cluster", options.in_cluster, "Ask as the service account of this pod")
      .excludes(kubeconfig);
  Option context = command.option("--context", options.context, "Context of the kubeconfig file");
  context.takes("NAME");
  if (!as_plugin) context.needs(kubeconfig);
}

ClusterAccess open_cluster(const ClusterOptions& options, const std::string& command) {
  const std::vector<std::string> files = options.kubeconfig_file.empty()
                                             ? default_kubeconfigs()
                                             : std::vector{options.kubeconfig_file};
  auto access =
      options.in_cluster ? in_cluster_access() : kubeconfig_access(files, options.context);
  if (!access) throw Unusable(fmt::format("cvm-webhook {}: {}", command, access.error().message));
  if (const auto run = run_credential_plugin(*access); !run) {
    throw Unusable(fmt::format("cvm-webhook {}: {}", command, run.error().message));
  }
  return std::move(*access);
}

}  // namespace cvm::webhook
