// The RuntimeClass of CVMs: it is there, its handler fits the mode, and it selects nodes that can
// host CVMs and no others.
//
// Reads RuntimeClasses and Nodes.

#include <fmt/format.h>

#include <algorithm>

#include "policies/calls/runtime_class.hpp"
#include "policies/nodes/node_inventory.hpp"
#include "webhook/doctor/check_parts.hpp"
#include "webhook/doctor/checks.hpp"

namespace cvm::webhook {
namespace {

RuntimeClassFacts class_of(const NamedSettings& named, const ClusterFacts& facts) {
  const auto found = facts.runtime_classes.find(named.settings->runtime_class_name);
  return found == facts.runtime_classes.end() ? RuntimeClassFacts{} : found->second;
}

std::string fix_of(const Settings& settings, const RuntimeClassFacts& facts) {
  const bool native = settings.mode == Mode::kNative;
  if (!facts.found) {
    return std::string("kubectl apply -f manifests/") +
           (native ? "samples/runtimeclass-sysbox.yaml" : "base/runtimeclass.yaml");
  }
  // A handler cannot be changed, so the class is made anew.
  return fmt::format(
      "kubectl get runtimeclass {} -o yaml | sed 's/^handler: .*/handler: {}/' | kubectl replace "
      "--force -f -",
      settings.runtime_class_name, native ? "sysbox-runc" : "runc");
}

bool selects(const RuntimeClassFacts& runtime_class, const NodeFacts& node,
             const ClusterFacts& facts) {
  const auto marks = facts.node_marks.find(node.name);
  return std::all_of(runtime_class.node_selector.begin(), runtime_class.node_selector.end(),
                     [&](const auto& wanted) {
                       const bool is_mark =
                           is_node_mark(wanted.first) && marks != facts.node_marks.end();
                       const auto& labels = is_mark ? marks->second : node.labels;
                       const auto found = labels.find(wanted.first);
                       return found != labels.end() && found->second == wanted.second;
                     });
}

std::string selector_words(const RuntimeClassFacts& runtime_class) {
  std::vector<std::string> words;
  words.reserve(runtime_class.node_selector.size());
  for (const auto& [key, value] : runtime_class.node_selector) {
    words.emplace_back(key).append("=").append(value);
  }
  return words_of_all(words);
}

// A label that says that Sysbox runs is its installer's to set.
std::string label_command(const Settings& settings, const RuntimeClassFacts& runtime_class,
                          const std::vector<std::string>& nodes) {
  if (settings.mode == Mode::kNative || nodes.empty()) {
    return "kubectl get nodes --show-labels";
  }
  return fmt::format("kubectl label nodes {} {} --overwrite", words_of_all(nodes),
                     selector_words(runtime_class));
}

struct Selected {
  std::vector<std::string> fit, unfit, other;  // other: can host CVMs and is not selected
  std::vector<std::string> without_handler;    // fit, and tells its handlers, and not this one
};

Selected find_selected(const NamedSettings& named, const RuntimeClassFacts& runtime_class,
                       const ClusterFacts& facts) {
  const HostingNodes hosting = find_hosting_nodes(facts, *named.settings);
  Selected selected;
  for (const NodeFacts& node : facts.nodes) {
    const bool can_host = hosting.names.contains(node.name);
    if (!selects(runtime_class, node, facts)) {
      if (can_host) selected.other.push_back(node.name);
      continue;
    }
    (can_host ? selected.fit : selected.unfit).push_back(node.name);
    const bool tells = !node.runtime_handlers.empty();
    if (can_host && tells && !node.runtime_handlers.contains(runtime_class.handler)) {
      selected.without_handler.push_back(node.name);
    }
  }
  return selected;
}

void judge_selected(const NamedSettings& named, const RuntimeClassFacts& runtime_class,
                    const ClusterFacts& facts, Findings& out) {
  const Settings& settings = *named.settings;
  const Selected selected = find_selected(named, runtime_class, facts);
  const std::string name =
      fmt::format("{}RuntimeClass \"{}\" ", named.prefix(), settings.runtime_class_name);
  const std::string selector = selector_words(runtime_class);
  const std::string tail = selector.empty() ? "" : fmt::format(" ({})", selector);
  if (selected.fit.empty()) {
    const bool may_grow = !settings.nodes.templates.empty();
    out.add({may_grow ? CheckStatus::kWarn : CheckStatus::kFail,
             fmt::format("{}selects no node that can host CVMs{}", name, tail),
             label_command(settings, runtime_class, selected.other)});
    return;
  }
  if (!selected.unfit.empty()) {
    const bool by_mark = runtime_class.node_selector.contains(std::string(kCvmNodeLabel));
    out.warn(fmt::format("{}selects nodes that cannot host CVMs: {}{}", name,
                         some_of(selected.unfit), tail),
             by_mark ? fmt::format("kubectl label nodes {} {}=false --overwrite",
                                   words_of_all(selected.unfit), kCvmNodeLabel)
                     : "kubectl get nodes -o yaml | cvm-webhook nodes --nodes - -o wide");
  }
  if (!selected.without_handler.empty()) {
    out.fail(fmt::format("{}has the handler {}, which nodes do not have: {}", name,
                         runtime_class.handler, some_of(selected.without_handler)),
             fmt::format("kubectl get nodes {} -o jsonpath='{{range .items[*]}}{{.metadata.name}} "
                         "{{.status.runtimeHandlers[*].name}}{{\"\\n\"}}{{end}}'",
                         words_of_all(selected.without_handler)));
  }
  if (selected.unfit.empty() && selected.without_handler.empty()) {
    out.pass(fmt::format("{}selects {}{}", name, count_of(selected.fit.size(), "node"), tail));
  }
}

}  // namespace

void check_runtime_class(const CheckInput& input, Findings& out) {
  if (skip_unknown(input, ObjectKind::kRuntimeClass, out)) return;
  for (const NamedSettings& named : all_settings(input)) {
    const RuntimeClassFacts facts = class_of(named, input.facts);
    const std::string problem = runtime_class_problem(*named.settings, &facts);
    if (problem.empty()) {
      out.pass(fmt::format("{}RuntimeClass \"{}\" has the handler {}", named.prefix(),
                           named.settings->runtime_class_name, facts.handler));
    } else {
      out.fail(named.prefix() + problem, fix_of(*named.settings, facts));
    }
  }
}

void check_runtime_class_nodes(const CheckInput& input, Findings& out) {
  if (skip_unknown(input, ObjectKind::kRuntimeClass, out)) return;
  if (skip_unknown(input, ObjectKind::kNode, out)) return;
  for (const NamedSettings& named : all_settings(input)) {
    const RuntimeClassFacts facts = class_of(named, input.facts);
    if (facts.found) {
      judge_selected(named, facts, input.facts, out);
    } else {
      out.skip(fmt::format("{}there is no RuntimeClass \"{}\"", named.prefix(),
                           named.settings->runtime_class_name),
               fix_of(*named.settings, facts));
    }
  }
}

}  // namespace cvm::webhook
