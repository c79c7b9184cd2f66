#include "webhook/commands/options/eval_options.hpp"

#include <simdjson.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>
#include <map>

#include "webhook/commands/options/choice.hpp"
#include "webhook/commands/options/color_option.hpp"

namespace cvm::webhook {
namespace {

const std::map<std::string, EvalOutput> kOutputs = {
    {"text", EvalOutput::kText},   {"yaml", EvalOutput::kYaml},
    {"json", EvalOutput::kJson},   {"patch", EvalOutput::kPatch},
    {"sarif", EvalOutput::kSarif}, {"admission-review", EvalOutput::kReview}};
const std::map<std::string, EvalOperation> kOperations = {
    {"create", EvalOperation::kCreate},
    {"update", EvalOperation::kUpdate},
    {"exec", EvalOperation::kExec},
    {"attach", EvalOperation::kAttach},
    {"port-forward", EvalOperation::kPortForward},
    {"proxy", EvalOperation::kProxy}};

void add_inputs(CLI::App& eval, EvalOptions& options) {
  eval.add_option("-f,--filename", options.file,
                  "Pods and objects that make pods, YAML or JSON; -: the standard input")
      ->type_name("FILE")
      ->required();
  eval.add_option("--nodes", options.nodes_file,
                  "Nodes, as `kubectl get nodes -o yaml` prints them; -: the standard input")
      ->type_name("FILE");
  eval.add_option("--settings", options.settings_file,
                  "Settings (default: the cluster's; without a cluster, every default)")
      ->type_name("FILE");
  add_cluster_options(eval, eval, options.as_plugin, options.cluster);
  eval.add_option(
          "-n,--namespace", options.ns,
          "Namespace of what names none (default: that of the cluster's context, else default)")
      ->type_name("NAME");
  eval.add_option("--namespace-labels,--namespace-label", options.namespace_labels,
                  "Labels of the namespaces, such as cvm-webhook.io/profile=gpu")
      ->type_name("KEY=VALUE,...")
      ->delimiter(',')
      ->allow_extra_args(false);
  eval.add_option("--webhook-namespace", options.webhook_namespace,
                  "Where the cluster's webhook runs; default: cvm-system")
      ->type_name("NAME");
}

void add_request(CLI::App& eval, EvalOptions& options) {
  eval.add_option("--operation", options.operation,
                  "create, update, exec, attach, port-forward or proxy; default: create")
      ->transform(one_of(kOperations))
      ->type_name("OPERATION");
  eval.add_option("--before", options.before_file,
                  "For update: the objects as they were (default: as the cluster has them)")
      ->type_name("FILE");
  eval.add_option("--container", options.container, "For exec and attach: into which container")
      ->type_name("NAME");
  eval.add_option("--user", options.user, "Who asks; pods of a template are its controller's")
      ->type_name("NAME");
  eval.add_option("--group", options.groups, "A group of the user; may be given several times")
      ->type_name("NAME")
      ->allow_extra_args(false);
}

void add_output(CLI::App& eval, EvalOptions& options) {
  eval.add_option("-o,--output", options.output,
                  "text, json, yaml (the pod after), patch (RFC 6902), admission-review (the "
                  "calls and their answers) or sarif; default: text")
      ->transform(one_of(kOutputs))
      ->type_name("FORM");
  eval.add_flag("--explain", options.explain,
                "Every rule: found something, passed or skipped and why, and what it read");
  eval.add_flag("--diff", options.diff, "A diff for each of several objects, too");
  add_color_option(eval, options.color);
}

}  // namespace

void add_eval_options(CLI::App& eval, EvalOptions& options) {
  add_inputs(eval, options);
  add_request(eval, options);
  add_output(eval, options);
}

void check_eval_options(const EvalOptions& options) {
  const std::string* files[] = {&options.file, &options.nodes_file, &options.settings_file,
                                &options.before_file};
  if (std::count_if(std::begin(files), std::end(files),
                    [](const std::string* file) { return *file == "-"; }) > 1) {
    throw CLI::ValidationError(
        "only one of -f, --nodes, --settings and --before can be the standard input");
  }
  for (const std::string* text : {&options.user, &options.container, &options.ns}) {
    if (!simdjson::validate_utf8(*text)) throw CLI::ValidationError("a name is not UTF-8");
  }
  for (const std::string& group : options.groups) {
    if (!simdjson::validate_utf8(group)) throw CLI::ValidationError("--group: it is not UTF-8");
  }
  const bool updates = options.operation == EvalOperation::kUpdate;
  if (options.needs_earlier() && !options.asks_cluster()) {
    throw CLI::ValidationError(
        "--operation update needs the objects as they were: give --before FILE, or a cluster by "
        "--kubeconfig FILE");
  }
  if (!updates && !options.before_file.empty()) {
    throw CLI::ValidationError("--before is for --operation update");
  }
  const bool has_container =
      options.operation == EvalOperation::kExec || options.operation == EvalOperation::kAttach;
  if (!options.container.empty() && !has_container) {
    throw CLI::ValidationError("--container is for --operation exec and attach");
  }
  if (options.explain && options.output != EvalOutput::kText &&
      options.output != EvalOutput::kJson) {
    throw CLI::ValidationError("--explain is for -o text and json");
  }
}

}  // namespace cvm::webhook
