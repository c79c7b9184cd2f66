// eval: what would become of pods, without creating them.

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <memory>

#include "webhook/commands/command_line/command.hpp"
#include "webhook/commands/commands.hpp"
#include "webhook/commands/options/eval_options.hpp"
#include "webhook/evaluation/eval_snapshot.hpp"
#include "webhook/evaluation/evaluation.hpp"
#include "webhook/evaluation/evaluation_output.hpp"
#include "webhook/evaluation/evaluation_rules.hpp"
#include "webhook/evaluation/evaluation_sarif.hpp"
#include "webhook/formats/unusable.hpp"
#include "webhook/formats/yaml_writer.hpp"
#include "webhook/terminal/exit_codes.hpp"

namespace cvm::webhook {
namespace {

constexpr const char* kEvalExamples = R"(
Does what the API server does when a pod is created: the mutating call, its patch, the mutating call
again, the validating call; by the same code as `serve`. Objects that pods are made by (Deployments,
Jobs...) are judged, and then a pod of their template. Lists and several documents are read whole,
such as Helm and kustomize print; other objects are left out with a note, but the labels of
Namespaces among them count. A diff is shown where there is one object.

For --operation update the file has the whole objects after the change, as `kubectl replace` takes
them: a manifest that is applied is merged first, so edit what `kubectl get -o yaml` prints. Of an
object that makes pods, -o yaml and patch are those of a pod of its template.

Without --nodes or a cluster nothing is known about nodes, and nothing is refused because of them.
With a cluster its nodes, namespaces, volumes and RuntimeClasses are read, and the settings that its
webhook runs with; --nodes and --settings take their place. Nothing is written to it.

Exit status: 0 everything is admitted, 1 something is refused, 2 the input is unusable
(file:line:column says where) or there was no answer.

Examples:
  cvm-webhook eval -f pod.yaml
  cvm-webhook eval -f pod.yaml --nodes nodes.yaml --settings settings.yaml
  kubectl get nodes -o yaml | cvm-webhook eval -f pod.yaml --nodes -
  cvm-webhook eval -f pod.yaml --kubeconfig ~/.kube/config --context staging -n dev
  cvm-webhook eval -f pod.yaml --namespace-labels cvm-webhook.io/profile=gpu
  helm template chart | cvm-webhook eval -f -
  helm template chart | cvm-webhook eval -f - -o json | jq .allowed
  cvm-webhook eval -f pod.yaml -o yaml | kubectl apply -f -
  cvm-webhook eval -f pod.yaml --explain
  cvm-webhook eval -f new-pod.yaml --operation update --before pod.yaml --user alice
  cvm-webhook eval -f pod.yaml --operation exec --container cvm-supervisor
  cvm-webhook eval -f workspaces.yaml -o sarif > cvm.sarif)";

std::map<std::string, std::string> read_labels(const std::vector<std::string>& labels) {
  std::map<std::string, std::string> read;
  for (const std::string& label : labels) {
    const std::size_t equals = label.find('=');
    if (equals == std::string::npos) {
      throw UsageError(fmt::format("--namespace-labels: expected KEY=VALUE, found {}", label));
    }
    read[label.substr(0, equals)] = label.substr(equals + 1);
  }
  return read;
}

EvalSources sources_of(const EvalOptions& options) {
  EvalSources sources{options.settings_file, options.nodes_file};
  sources.namespace_labels = read_labels(options.namespace_labels);
  sources.webhook_namespace = options.webhook_namespace;
  if (options.asks_cluster()) sources.cluster = open_cluster(options.cluster, "eval");
  const std::string of_context = sources.cluster ? sources.cluster->ns : "";
  sources.default_namespace = !options.ns.empty()  ? options.ns
                              : of_context.empty() ? "default"
                                                   : of_context;
  return sources;
}

// Objects as they were: of --before, else of the cluster.
class EarlierObjects {
 public:
  EarlierObjects(const EvalOptions& options, const EvalSources& sources)
      : sources_(sources), file_(options.before_file) {
    if (!file_.empty()) found_ = find_pods(documents_ = read_documents(file_));
  }

  OrderedJson find(const PodDocument& object) const {
    const std::string ns = namespace_of(object);
    for (const PodDocument& each : found_.pods) {
      const bool is_same =
          each.kind() == object.kind() && each.name() == object.name() && namespace_of(each) == ns;
      if (is_same) return each.object;
    }
    if (!file_.empty()) {
      throw Unusable(fmt::format("{}: expected {} {}/{} as it was, found none", file_,
                                 object.kind(), ns, object.name()));
    }
    return get_live_object(*sources_.cluster, object, ns);
  }

 private:
  std::string namespace_of(const PodDocument& object) const {
    const std::string ns = object.ns();
    return ns.empty() ? sources_.default_namespace : ns;
  }

  const EvalSources& sources_;
  const std::string file_;
  InputFile documents_;
  PodDocuments found_;
};

EvalRequest request_of(const EvalOptions& options, const EvalSources& sources) {
  EvalRequest request;
  request.operation = options.operation;
  request.caller = {options.user, options.groups};
  request.caller.groups.emplace_back("system:authenticated");
  request.default_namespace = sources.default_namespace;
  request.container = options.container;
  request.traces_rules = options.explain;
  if (options.operation == EvalOperation::kUpdate) {
    const auto earlier = std::make_shared<const EarlierObjects>(options, sources);
    request.before = [earlier](const PodDocument& object) { return earlier->find(object); };
  }
  return request;
}

class Printer {
 public:
  Printer(const EvalOptions& options, const EvalRequest& request, std::size_t count)
      : options_(options),
        request_(request),
        painter_(use_colors(options.color)),
        has_diffs_(options.diff || count == 1) {}

  // Where the output is a pod or a patch, a refused pod has none: why is said aside.
  void print(const Evaluation& result) {
    const bool is_object =
        options_.output == EvalOutput::kYaml || options_.output == EvalOutput::kPatch;
    if (is_object && !result.allowed) {
      std::cerr << printable(result.display_name) << ": refused\n" << print_refusal(result);
      return;
    }
    switch (options_.output) {
      case EvalOutput::kText:
        print_text(result);
        break;
      case EvalOutput::kYaml:
        std::cout << (is_first_ ? "" : "---\n") << write_yaml(result.object);
        break;
      case EvalOutput::kJson:
        std::cout << print_as_json(result, rules_of(result));
        break;
      case EvalOutput::kPatch:
        std::cout << result.patch.dump(2) << '\n';
        break;
      case EvalOutput::kReview:
        std::cout << print_reviews(result);
        break;
      case EvalOutput::kSarif:  // all at once, at the end
        break;
    }
    is_first_ = false;
  }

  void finish(const std::vector<Evaluation>& results, const InputFile& file) {
    if (options_.output == EvalOutput::kSarif) std::cout << print_as_sarif(results, file);
    if (options_.output == EvalOutput::kText && results.size() > 1) {
      std::cout << '\n' << print_summary(results, painter_);
    }
  }

 private:
  void print_text(const Evaluation& result) {
    std::cout << (is_first_ || !(has_diffs_ || options_.explain) ? "" : "\n")
              << print_as_text(result, painter_);
    if (options_.explain) std::cout << print_rules(rules_of(result), text_width(), painter_);
    if (has_diffs_) std::cout << print_diff(result, painter_);
  }

  std::vector<RuleOutcome> rules_of(const Evaluation& result) const {
    return options_.explain ? explain_rules(result, request_) : std::vector<RuleOutcome>();
  }

  const EvalOptions& options_;
  const EvalRequest& request_;
  const Painter painter_;
  const bool has_diffs_;
  bool is_first_ = true;
};

int run_eval(const EvalOptions& options) {
  const EvalSources sources = sources_of(options);
  const InputFile file = read_documents(options.file);
  const PodDocuments documents = find_pods_or_fail(file);
  if (options.output == EvalOutput::kPatch && documents.pods.size() > 1) {
    throw Unusable(fmt::format("cvm-webhook eval: -o patch is for one object, found {}",
                               documents.pods.size()));
  }
  const EvalRequest request = request_of(options, sources);
  const Snapshot snapshot = make_eval_snapshot(sources, documents);
  const auto handler = std::make_shared<AdmissionHandler>();
  Printer printer(options, request, documents.pods.size());
  std::vector<Evaluation> results;
  for (const PodDocument& pod : documents.pods) {
    results.push_back(evaluate(file, pod, request, snapshot, handler));
    printer.print(results.back());
  }
  printer.finish(results, file);
  return std::all_of(results.begin(), results.end(),
                     [](const Evaluation& result) { return result.allowed; })
             ? kExitOk
             : kExitRefused;
}

}  // namespace

void add_eval_command(const Command& program, bool as_plugin) {
  auto options = std::make_shared<EvalOptions>();
  options->as_plugin = as_plugin;
  const Command eval = program.add_command("eval", "Say what would become of pods, without them");
  eval.footer(kEvalExamples);
  add_eval_options(eval, *options);
  eval.runs([options] {
    check_eval_options(*options);
    return run_eval(*options);
  });
}

}  // namespace cvm::webhook
