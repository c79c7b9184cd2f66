#include "webhook/commands/options/eval_options.hpp"

#include <simdjson.h>

#include <algorithm>
#include <iterator>
#include <map>

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

void add_inputs(const Command& eval, EvalOptions& options) {
  eval.option("-f,--filename", options.file,
              "Pods and objects that make pods, YAML or JSON; -: the standard input")
      .takes("FILE")
      .required();
  eval.option("--nodes", options.nodes_file,
              "Nodes, as `kubectl get nodes -o yaml` prints them; -: the standard input")
      .takes("FILE");
  eval.option("--settings", options.settings_file,
              "Settings (default: the cluster's; without a cluster, every default)")
      .takes("FILE");
  add_cluster_options(eval, eval, options.as_plugin, options.cluster);
  eval.option("-n,--namespace", options.ns,
              "Namespace of what names none (default: that of the cluster's context, else default)")
      .takes("NAME");
  eval.option("--namespace-labels,--namespace-label", options.namespace_labels,
              "Labels of the namespaces, such as cvm-webhook.io/profile=gpu")
      .takes("KEY=VALUE,...")
      .separated_by(',')
      .once_each();
  eval.option("--webhook-namespace", options.webhook_namespace,
              "Where the cluster's webhook runs; default: cvm-system")
      .takes("NAME");
}

void add_request(const Command& eval, EvalOptions& options) {
  eval.choice("--operation", options.operation,
              "create, update, exec, attach, port-forward or proxy; default: create", kOperations)
      .takes("OPERATION");
  eval.option("--before", options.before_file,
              "For update: the objects as they were (default: as the cluster has them)")
      .takes("FILE");
  eval.option("--container", options.container, "For exec and attach: into which container")
      .takes("NAME");
  eval.option("--user", options.user, "Who asks; pods of a template are its controller's")
      .takes("NAME");
  eval.option("--group", options.groups, "A group of the user; may be given several times")
      .takes("NAME")
      .once_each();
}

void add_output(const Command& eval, EvalOptions& options) {
  eval.choice("-o,--output", options.output,
              "text, json, yaml (the pod after), patch (RFC 6902), admission-review (the "
              "calls and their answers) or sarif; default: text",
              kOutputs)
      .takes("FORM");
  eval.flag("--explain", options.explain,
            "Every rule: found something, passed or skipped and why, and what it read");
  eval.flag("--diff", options.diff, "A diff for each of several objects, too");
  add_color_option(eval, options.color);
}

}  // namespace

void add_eval_options(const Command& eval, EvalOptions& options) {
  add_inputs(eval, options);
  add_request(eval, options);
  add_output(eval, options);
}

void check_eval_options(const EvalOptions& options) {
  const std::string* files[] = {&options.file, &options.nodes_file, &options.settings_file,
                                &options.before_file};
  if (std::count_if(std::begin(files), std::end(files),
                    [](const std::string* file) { return *file == "-"; }) > 1) {
    throw UsageError("only one of -f, --nodes, --settings and --before can be the standard input");
  }
  for (const std::string* text : {&options.user, &options.container, &options.ns}) {
    if (!simdjson::validate_utf8(*text)) throw UsageError("a name is not UTF-8");
  }
  for (const std::string& group : options.groups) {
    if (!simdjson::validate_utf8(group)) throw UsageError("--group: it is not UTF-8");
  }
  const bool updates = options.operation == EvalOperation::kUpdate;
  if (options.needs_earlier() && !options.asks_cluster()) {
    throw UsageError(
        "--operation update needs the objects as they were: give --before FILE, or a cluster by "
        "--kubeconfig FILE");
  }
  if (!updates && !options.before_file.empty()) {
    throw UsageError("--before is for --operation update");
  }
  const bool has_container =
      options.operation == EvalOperation::kExec || options.operation == EvalOperation::kAttach;
  if (!options.container.empty() && !has_container) {
    throw UsageError("--container is for --operation exec and attach");
  }
  if (options.explain && options.output != EvalOutput::kText &&
      options.output != EvalOutput::kJson) {
    throw UsageError("--explain is for -o text and json");
  }
}

}  // namespace cvm::webhook
