#include "webhook/commands/cluster_options.hpp"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <system_error>
#include <utility>

#include "webhook/commands/unusable.hpp"

namespace cvm::webhook {
namespace {

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Of several files in $KUBECONFIG, which kubectl would merge, the first that is there; where none
// is, the first.
std::string default_kubeconfig() {
  std::istringstream files(variable("KUBECONFIG"));
  std::string first;
  for (std::string file; std::getline(files, file, ':');) {
    std::error_code error;
    if (!file.empty() && std::filesystem::exists(file, error)) return file;
    if (first.empty()) first = file;
  }
  return first.empty() ? variable("HOME") + "/.kube/config" : first;
}

}  // namespace

void add_cluster_options(CLI::App& command, CLI::App& source, bool as_plugin,
                         ClusterOptions& options) {
  CLI::Option* kubeconfig =
      source.add_option("--kubeconfig", options.kubeconfig_file, "Ask the API server of this file")
          ->type_name("FILE");
  source.add_flag("--in-cluster", options.in_cluster, "Ask as the service account of this pod")
      ->excludes(kubeconfig);
  CLI::Option* context =
      command.add_option("--context", options.context, "Context of the kubeconfig file")
          ->type_name("NAME");
  if (!as_plugin) context->needs(kubeconfig);
}

ClusterAccess open_cluster(const ClusterOptions& options, const std::string& command) {
  const std::string file =
      options.kubeconfig_file.empty() ? default_kubeconfig() : options.kubeconfig_file;
  auto access = options.in_cluster ? in_cluster_access() : kubeconfig_access(file, options.context);
  if (!access) throw Unusable("cvm-webhook " + command + ": " + access.error().message);
  return std::move(*access);
}

}  // namespace cvm::webhook
