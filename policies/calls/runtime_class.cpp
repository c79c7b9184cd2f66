#include "policies/calls/runtime_class.hpp"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <memory_resource>

#include "policies/compatibility/user_namespaces.hpp"
#include "policies/model/pod_view.hpp"
#include "policies/model/text.hpp"
#include "policies/rules/rules.hpp"
#include "policies/scratch.hpp"

namespace cvm {

namespace {

constexpr std::string_view kField = "spec.runtimeClassName";

// Any node that the class selects, whatever its taints.
void find_nodes_of(const RuntimeClassFacts& facts, const NodeInventory& nodes,
                   NodeInventory::Candidates& out) {
  std::array<std::byte, 256> memory;
  std::pmr::monotonic_buffer_resource arena(memory.data(), memory.size());
  PodView pod(&arena);
  Toleration every;
  every.op = "Exists";
  pod.tolerations.push_back(every);
  nodes.find_candidates(pod, PodNeeds{.runtime_class = &facts}, out);
}

std::string selector_text(const RuntimeClassFacts& facts) {
  std::string text;
  for (const auto& [key, value] : facts.node_selector) {
    if (!text.empty()) text += ",";
    text.append(readable(key)).append("=").append(readable(value));
  }
  return text;
}

RuleSkip why_not_asked_of_nodes(const Snapshot& snapshot) {
  const RuntimeClassFacts* facts = snapshot.runtime_class.get();
  if (snapshot.settings->mode != Mode::kNative) return RuleSkip::kNotNative;
  if (facts == nullptr) return RuleSkip::kUnknownClass;
  if (!facts->found) return RuleSkip::kClassMissing;
  return snapshot.nodes->size() == 0 ? RuleSkip::kUnknownNodes : RuleSkip::kNone;
}

}  // namespace

std::string runtime_class_problem(const Settings& settings, const RuntimeClassFacts* facts) {
  if (facts == nullptr) return {};
  const bool native = settings.mode == Mode::kNative;
  const std::string name = fmt::format("RuntimeClass {}", quoted(settings.runtime_class_name));
  if (!facts->found) {
    return fmt::format("{} does not exist, so the API server refuses CVMs; {}runtimeClassName",
                       name,
                       native ? "install Sysbox on nodes, which brings it, or name another as "
                              : "apply it, or name another as ");
  }
  if (native && !is_sysbox_handler(facts->handler)) {
    return fmt::format(
        "the handler of {} is {}, which is not Sysbox's; name a RuntimeClass with the handler "
        "sysbox-runc as runtimeClassName",
        name, readable(facts->handler));
  }
  if (!native && is_sysbox_handler(facts->handler)) {
    return fmt::format(
        "the handler of {} is {}, under which the privileged supervisor of a CVM cannot start; "
        "name a RuntimeClass with the handler runc or crun as runtimeClassName",
        name, readable(facts->handler));
  }
  return {};
}

void judge_runtime_class(const Snapshot& snapshot, TracePen trace, Verdict& out) {
  const RuntimeClassFacts* facts = snapshot.runtime_class.get();
  if (facts == nullptr) {
    trace.skip(rules::runtime_class_missing, RuleSkip::kUnknownClass);
    return trace.skip(rules::runtime_class_handler, RuleSkip::kUnknownClass);
  }
  if (!facts->found) {
    trace.skip(rules::runtime_class_handler, RuleSkip::kClassMissing);
    if (snapshot.settings->mode == Mode::kSupervised) {
      return trace.skip(rules::runtime_class_missing, RuleSkip::kMissingClassRefused);
    }
  } else {
    trace.ask(rules::runtime_class_handler);
  }
  trace.ask(rules::runtime_class_missing);
  std::string problem = runtime_class_problem(*snapshot.settings, facts);
  if (problem.empty()) return;
  out.add(facts->found ? rules::runtime_class_handler : rules::runtime_class_missing,
          RuleAction::kDeny, std::move(problem), std::string(kField));
}

bool judge_runtime_class_nodes(const Snapshot& snapshot, Scratch& scratch, Verdict& out) {
  const RuntimeClassFacts* facts = snapshot.runtime_class.get();
  if (const RuleSkip why = why_not_asked_of_nodes(snapshot); why != RuleSkip::kNone) {
    scratch.trace.skip(rules::runtime_class_nodes, why);
    return true;
  }
  scratch.trace.ask(rules::runtime_class_nodes);
  if (facts->node_selector.empty()) return true;
  find_nodes_of(*facts, *snapshot.nodes, scratch.candidates);
  const bool selects_any = scratch.candidates.total > 0;
  scratch.candidates.clear();
  if (selects_any) return true;
  out.add(rules::runtime_class_nodes, RuleAction::kDeny,
          fmt::format("RuntimeClass {} selects nodes with the label {}, and no node of the cluster "
                      "has it; ask your cluster administrator to install Sysbox on a node, or to "
                      "describe nodes that an autoscaler adds in nodes.templates",
                      quoted(snapshot.settings->runtime_class_name), selector_text(*facts)),
          std::string(kField));
  return false;
}

}  // namespace cvm
