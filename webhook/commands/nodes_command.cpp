// nodes: which nodes can host CVMs, and why the others cannot.
#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>

#include "policies/nodes/node_inventory.hpp"
#include "webhook/commands/commands.hpp"
#include "webhook/commands/input.hpp"
#include "webhook/commands/node_report.hpp"
#include "webhook/commands/unusable.hpp"
#include "webhook/kubernetes/cluster_access.hpp"
#include "webhook/kubernetes/node_list.hpp"

namespace cvm::webhook {
namespace {

constexpr const char* kExamples = R"(
CVM says whether the node can host one; GPU whether also one with an NVIDIA GPU.

Examples:
  cvm-webhook nodes --nodes nodes.yaml
  kubectl get nodes -o json | cvm-webhook nodes --nodes - -o wide
  cvm-webhook nodes --kubeconfig ~/.kube/config --settings settings.yaml -o json)";

enum class Output { kTable, kWide, kJson };

const std::map<std::string, Output> kOutputs = {
    {"table", Output::kTable}, {"wide", Output::kWide}, {"json", Output::kJson}};

struct NodesOptions {
  std::string nodes_file, kubeconfig_file, context, settings_file;
  bool in_cluster = false;
  Output output = Output::kTable;
};

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Of several files in $KUBECONFIG, which kubectl would merge, the first.
std::string default_kubeconfig() {
  const std::string files = variable("KUBECONFIG");
  if (std::string first = files.substr(0, files.find(':')); !first.empty()) return first;
  return variable("HOME") + "/.kube/config";
}

std::vector<NodeFacts> get_nodes(const NodesOptions& options) {
  if (!options.nodes_file.empty()) return read_nodes(options.nodes_file);
  const auto access = options.in_cluster
                          ? in_cluster_access()
                          : kubeconfig_access(options.kubeconfig_file, options.context);
  if (!access) throw Unusable("cvm-webhook nodes: " + access.error().message);
  auto nodes = list_nodes(*access);
  if (!nodes) throw Unusable("cvm-webhook nodes: " + nodes.error().message);
  return std::move(*nodes);
}

int run_nodes(const NodesOptions& options) {
  const Settings settings = read_settings(options.settings_file);
  const auto inventory = NodeInventory::build(get_nodes(options), settings);
  switch (options.output) {
    case Output::kTable:
      std::cout << print_node_table(*inventory, false);
      break;
    case Output::kWide:
      std::cout << print_node_table(*inventory, true);
      break;
    case Output::kJson:
      std::cout << print_nodes_as_json(*inventory);
      break;
  }
  return kExitOk;
}

}  // namespace

void add_nodes_command(CLI::App& app, bool as_plugin, int& exit_code) {
  auto options = std::make_shared<NodesOptions>();
  CLI::App* nodes =
      app.add_subcommand("nodes", "Say which nodes can host CVMs, and why others cannot");
  nodes->footer(kExamples);
  CLI::Option_group* source = nodes->add_option_group(
      "Source", as_plugin ? "One of these; else $KUBECONFIG or ~/.kube/config" : "One of these");
  source
      ->add_option("--nodes", options->nodes_file,
                   "Nodes, as `kubectl get nodes -o yaml` prints them; -: the standard input")
      ->type_name("FILE");
  CLI::Option* kubeconfig =
      source->add_option("--kubeconfig", options->kubeconfig_file, "List them from an API server")
          ->type_name("FILE");
  source->add_flag("--in-cluster", options->in_cluster,
                   "List them as the service account of this pod");
  source->require_option(as_plugin ? 0 : 1, 1);
  CLI::Option* context =
      nodes->add_option("--context", options->context, "Context of the kubeconfig file")
          ->type_name("NAME");
  if (!as_plugin) context->needs(kubeconfig);
  nodes->add_option("--settings", options->settings_file, "Settings (default: every default)")
      ->type_name("FILE");
  nodes->add_option("-o,--output", options->output, "table, wide or json; default: table")
      ->transform(CLI::CheckedTransformer(kOutputs).description(""))
      ->type_name("FORM");
  nodes->callback([options, &exit_code] {
    const bool has_source = options->in_cluster || !options->nodes_file.empty();
    if (!has_source && options->kubeconfig_file.empty()) {
      options->kubeconfig_file = default_kubeconfig();
    }
    exit_code = run_nodes(*options);
  });
}

}  // namespace cvm::webhook
