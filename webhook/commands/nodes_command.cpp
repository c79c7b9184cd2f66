// nodes: which nodes can host CVMs, and why the others cannot.

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>

#include "policies/nodes/node_inventory.hpp"
#include "webhook/commands/command_line/command.hpp"
#include "webhook/commands/commands.hpp"
#include "webhook/commands/options/cluster_options.hpp"
#include "webhook/evaluation/input.hpp"
#include "webhook/formats/unusable.hpp"
#include "webhook/formats/yaml_writer.hpp"
#include "webhook/kubernetes/reading/node_list.hpp"
#include "webhook/node_report/node_json.hpp"
#include "webhook/node_report/node_report.hpp"
#include "webhook/node_report/node_table.hpp"
#include "webhook/node_report/pod_hosting.hpp"
#include "webhook/terminal/exit_codes.hpp"

namespace cvm::webhook {
namespace {

constexpr const char* kNodesExamples = R"(
CVM says whether the node can host one; GPU whether also one with an NVIDIA GPU, or none where the
node has no GPU; RULES what speaks against it, CHANGE what would have to change. Nodes that look
alike are one row: "worker-1 +41" is worker-1 and 41 others. Templates of the settings are listed
as of 0 nodes. Pods are taken as if all were to be CVMs.

Exit status: 0 a node can host CVMs, 1 none can, 2 the input is unusable or there was no answer.

Examples:
  cvm-webhook nodes --nodes nodes.yaml
  kubectl get nodes -o json | cvm-webhook nodes --nodes - -o wide
  cvm-webhook nodes --kubeconfig ~/.kube/config --settings settings.yaml -o json
  cvm-webhook nodes --nodes nodes.yaml --pods workspaces.yaml
  cvm-webhook config defaults | sed 's/^caching: false/caching: true/' |
    cvm-webhook nodes --nodes nodes.yaml --settings -)";

enum class NodesOutput { kText, kWide, kJson, kYaml };

const std::map<std::string, NodesOutput> kNodesOutputs = {{"text", NodesOutput::kText},
                                                          {"table", NodesOutput::kText},
                                                          {"wide", NodesOutput::kWide},
                                                          {"json", NodesOutput::kJson},
                                                          {"yaml", NodesOutput::kYaml}};

struct NodesOptions {
  std::string nodes_file, settings_file, profile, pods_file;
  ClusterOptions cluster;
  bool each_node = false;
  NodesOutput output = NodesOutput::kText;
};

std::vector<NodeFacts> get_nodes(const NodesOptions& options) {
  if (!options.nodes_file.empty()) return read_nodes(options.nodes_file);
  auto nodes = list_nodes(open_cluster(options.cluster, "nodes"));
  if (!nodes) throw Unusable(fmt::format("cvm-webhook nodes: {}", nodes.error().message));
  return std::move(*nodes);
}

void check_nodes_input(const NodesOptions& options) {
  const std::string* files[] = {&options.nodes_file, &options.settings_file, &options.pods_file};
  if (std::count_if(std::begin(files), std::end(files),
                    [](const std::string* file) { return *file == "-"; }) > 1) {
    throw UsageError("only one of --nodes, --settings and --pods can be the standard input");
  }
}

// The templates as if they were nodes of these names.
NodeReport report_templates(const Settings& settings) {
  std::vector<NodeFacts> nodes;
  for (const NodeTemplate& each : settings.nodes.templates) {
    nodes.push_back(each.facts);
    nodes.back().name = each.name;
  }
  return make_node_report(*NodeInventory::build(nodes, settings), settings);
}

int run_nodes(const NodesOptions& options) {
  const ProfiledSettings file = read_settings(options.settings_file);
  const Settings settings = settings_of_profile(file, options.profile, options.settings_file);
  const auto inventory = NodeInventory::build(get_nodes(options), settings);
  const NodeReport report = make_node_report(*inventory, settings);
  const bool has_pods = !options.pods_file.empty();
  std::vector<PodHosting> pods;
  if (has_pods) pods = find_hosting(read_documents(options.pods_file), *inventory, settings);

  if (options.output == NodesOutput::kText || options.output == NodesOutput::kWide) {
    std::cout << print_node_table(report, report_templates(settings),
                                  {options.output == NodesOutput::kWide, options.each_node});
    if (has_pods) std::cout << '\n' << print_pod_table(pods);
  } else {
    nlohmann::ordered_json document = nodes_to_json(report);
    if (has_pods) document = {{"nodes", std::move(document)}, {"pods", pods_to_json(pods)}};
    std::cout << (options.output == NodesOutput::kYaml ? write_yaml(document)
                                                       : document.dump(2) + "\n");
  }
  return report.can_host > 0 ? kExitOk : kExitRefused;
}

}  // namespace

void add_nodes_command(const Command& program, bool as_plugin) {
  auto options = std::make_shared<NodesOptions>();
  const Command nodes =
      program.add_command("nodes", "Say which nodes can host CVMs, and why others cannot");
  nodes.footer(kNodesExamples);
  const Command source = add_source_group(nodes, as_plugin);
  source
      .option("--nodes", options->nodes_file,
              "Nodes, as `kubectl get nodes -o yaml` prints them; -: the standard input")
      .takes("FILE");
  add_cluster_options(nodes, source, as_plugin, options->cluster);
  nodes.option("--settings", options->settings_file, "Settings (default: every default)")
      .takes("FILE");
  nodes.option("--profile", options->profile, "A profile of the settings, in their place")
      .takes("NAME");
  nodes
      .choice("-o,--output", options->output, "text, wide, json or yaml; default: text",
              kNodesOutputs)
      .takes("FORM");
  nodes
      .option("--pods", options->pods_file,
              "Say how many nodes could host each of these pods; -: the standard input")
      .takes("FILE");
  nodes.flag("--all", options->each_node, "A row for each node, in text and wide");
  nodes.runs([options] {
    check_nodes_input(*options);
    return run_nodes(*options);
  });
}

}  // namespace cvm::webhook
