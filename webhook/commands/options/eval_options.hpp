// The options of `eval`.
#pragma once

#include <string>
#include <vector>

#include "webhook/commands/options/cluster_options.hpp"
#include "webhook/evaluation/evaluation.hpp"
#include "webhook/kubernetes/reading/mounted_settings.hpp"
#include "webhook/terminal/terminal.hpp"

namespace cvm::webhook {

enum class EvalOutput { kText, kYaml, kJson, kPatch, kReview, kSarif };

struct EvalOptions {
  std::string file, nodes_file, settings_file, before_file, container, ns;
  std::string user = "eval", webhook_namespace = kWebhookNamespace;
  std::vector<std::string> groups;
  std::vector<std::string> namespace_labels;  // "key=value"
  ClusterOptions cluster;
  EvalOperation operation = EvalOperation::kCreate;
  EvalOutput output = EvalOutput::kText;
  ColorChoice color = ColorChoice::kAuto;
  bool explain = false, diff = false;
  bool as_plugin = false;

  bool needs_earlier() const { return operation == EvalOperation::kUpdate && before_file.empty(); }
  // kubectl's plugin asks kubectl's cluster, unless nothing is left to ask it for.
  bool asks_cluster() const {
    const bool has_files = !nodes_file.empty() && !settings_file.empty();
    return cluster.is_given() || (as_plugin && (!has_files || needs_earlier()));
  }
};

// `options` is filled in when the command line is parsed.
void add_eval_options(const Command& eval, EvalOptions& options);

// Throws UsageError where options contradict each other.
void check_eval_options(const EvalOptions& options);

}  // namespace cvm::webhook
