// eval: what would become of pods, without a cluster.
#include <CLI/CLI.hpp>
#include <iostream>
#include <map>
#include <memory>

#include "policies/model/workspace.hpp"
#include "policies/nodes/node_store.hpp"
#include "policies/profiles.hpp"
#include "webhook/commands/choice.hpp"
#include "webhook/commands/commands.hpp"
#include "webhook/commands/evaluation.hpp"
#include "webhook/commands/evaluation_output.hpp"
#include "webhook/commands/pod_review.hpp"
#include "webhook/commands/unusable.hpp"
#include "webhook/commands/yaml_writer.hpp"

namespace cvm::webhook {
namespace {

constexpr const char* kExamples = R"(
Does what the API server does when a pod is created: the mutating call, its patch, the mutating call
again, the validating call; by the same code as `serve`. A List and several documents are read
whole; objects that are no pods are left out with a note. Without --nodes nothing is known about
nodes, and nothing is refused because of them.

Exit status: 0 every pod is admitted, 1 one is refused, 2 the input is unusable
(file:line:column says where).

Examples:
  cvm-webhook eval -f pod.yaml
  cvm-webhook eval -f pod.yaml --nodes nodes.yaml --settings settings.yaml
  kubectl get nodes -o yaml | cvm-webhook eval -f pod.yaml --nodes -
  cvm-webhook eval -f pod.yaml --namespace-label cvm-webhook.io/profile=gpu
  helm template chart | cvm-webhook eval -f - -o json | jq .allowed
  cvm-webhook eval -f pod.yaml -o yaml | kubectl apply -f -)";

enum class Output { kText, kYaml, kJson, kPatch };

const std::map<std::string, Output> kOutputs = {{"text", Output::kText},
                                                {"yaml", Output::kYaml},
                                                {"json", Output::kJson},
                                                {"patch", Output::kPatch}};
const std::map<std::string, ColorChoice> kColors = {
    {"auto", ColorChoice::kAuto}, {"always", ColorChoice::kAlways}, {"never", ColorChoice::kNever}};

struct EvalOptions {
  std::string file, nodes_file, settings_file;
  std::vector<std::string> namespace_labels;  // "key=value"
  Output output = Output::kText;
  ColorChoice color = ColorChoice::kAuto;
};

// Those of --namespace-label that mean anything here.
KnownNamespace read_namespace(const std::vector<std::string>& labels) {
  KnownNamespace ns;
  for (const std::string& label : labels) {
    const std::size_t equals = label.find('=');
    if (equals == std::string::npos) {
      throw CLI::ValidationError("--namespace-label: expected KEY=VALUE, found " + label);
    }
    const std::string_view key = std::string_view(label).substr(0, equals);
    const std::string value = label.substr(equals + 1);
    if (key == kProfileLabel) ns.profile = value;
    for (const auto level : {PodSecurityLevel::kBaseline, PodSecurityLevel::kRestricted}) {
      if (key == kEnforceLabel && to_string(level) == value) ns.enforced = level;
    }
  }
  return ns;
}

Snapshot make_eval_snapshot(const EvalOptions& options, const std::vector<PodDocument>& pods) {
  Snapshot snapshot = make_snapshot(read_settings(options.settings_file));
  if (!options.nodes_file.empty()) {
    use_nodes(snapshot, make_catalog(read_nodes(options.nodes_file)));
  }
  if (options.namespace_labels.empty()) return snapshot;
  KnownNamespaces namespaces;
  for (const PodDocument& pod : pods) {
    namespaces[namespace_of(pod.pod)] = read_namespace(options.namespace_labels);
  }
  const auto known = std::make_shared<const KnownNamespaces>(std::move(namespaces));
  change_each(snapshot, [&known](Snapshot& each) { each.namespaces = known; });
  return snapshot;
}

// Where the output is a pod or a patch, a refused pod has none: why is said aside.
void print(const EvalOptions& options, const Evaluation& result, const OrderedJson& before,
           bool is_first) {
  const bool is_object = options.output == Output::kYaml || options.output == Output::kPatch;
  if (is_object && !result.allowed) {
    std::cerr << result.name << ": refused\n" << print_refusal(result);
    return;
  }
  switch (options.output) {
    case Output::kText:
      std::cout << (is_first ? "" : "\n")
                << print_as_text(result, before, Painter(use_colors(options.color)));
      return;
    case Output::kYaml:
      std::cout << (is_first ? "" : "---\n") << write_yaml(result.object);
      return;
    case Output::kJson:
      std::cout << print_as_json(result);
      return;
    case Output::kPatch:
      std::cout << result.patch.dump(2) << '\n';
      return;
  }
}

int run_eval(const EvalOptions& options) {
  const InputFile file = read_documents(options.file);
  std::vector<std::string> notes;
  const std::vector<PodDocument> pods = find_pods(file, notes);
  for (const std::string& note : notes) std::cerr << "note: " << note << '\n';
  if (pods.empty()) throw Unusable(file.name + ": expected a Pod, found none");

  const Snapshot snapshot = make_eval_snapshot(options, pods);
  AdmissionHandler handler;
  int exit_code = kExitOk;
  bool is_first = true;
  for (const PodDocument& pod : pods) {
    const Evaluation result = evaluate(file, pod, snapshot, handler);
    print(options, result, pod.pod, is_first);
    if (!result.allowed) exit_code = kExitRefused;
    if (result.allowed || options.output == Output::kText) is_first = false;
  }
  return exit_code;
}

}  // namespace

void add_eval_command(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<EvalOptions>();
  CLI::App* eval = app.add_subcommand("eval", "Say what would become of pods, without a cluster");
  eval->footer(kExamples);
  eval->add_option("-f,--filename", options->file, "Pods, YAML or JSON; -: the standard input")
      ->type_name("FILE")
      ->required();
  eval->add_option("--nodes", options->nodes_file,
                   "Nodes, as `kubectl get nodes -o yaml` prints them; -: the standard input")
      ->type_name("FILE");
  eval->add_option("--settings", options->settings_file, "Settings (default: every default)")
      ->type_name("FILE");
  eval->add_option("--namespace-label", options->namespace_labels,
                   "A label of the pods' namespace, such as cvm-webhook.io/profile=gpu")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  eval->add_option("-o,--output", options->output,
                   "text, yaml (the pod after), json or patch (RFC 6902); default: text")
      ->transform(one_of(kOutputs))
      ->type_name("FORM");
  eval->add_option("--color", options->color, "auto, always or never; default: auto")
      ->transform(one_of(kColors))
      ->type_name("WHEN");
  eval->callback([options, &exit_code] {
    if (options->file == "-" && options->nodes_file == "-") {
      throw CLI::ValidationError("-f and --nodes cannot both be the standard input");
    }
    exit_code = run_eval(*options);
  });
}

}  // namespace cvm::webhook
