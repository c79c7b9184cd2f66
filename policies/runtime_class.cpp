#include "policies/runtime_class.hpp"

#include <string_view>

namespace cvm {

namespace {

// Handlers are names of the administrator's; Sysbox's own is "sysbox-runc" (facts.md, Sysbox).
bool is_sysbox(std::string_view handler) {
  return handler.find("sysbox") != std::string_view::npos;
}

}  // namespace

std::string runtime_class_problem(const Settings& settings, const RuntimeClassFacts* facts) {
  if (facts == nullptr) return {};
  const std::string name = "RuntimeClass \"" + settings.runtime_class_name + "\"";
  if (!facts->found) {
    return name +
           " does not exist, so the API server refuses CVMs; apply it, or name another as "
           "runtimeClassName";
  }
  if (is_sysbox(facts->handler)) {
    return "the handler of " + name + " is " + facts->handler +
           ", under which the privileged supervisor of a CVM cannot start; name a RuntimeClass "
           "with the handler runc or crun as runtimeClassName";
  }
  return {};
}

void judge_runtime_class(const Snapshot& snapshot, Verdict& out) {
  const RuntimeClassFacts* facts = snapshot.runtime_class.get();
  if (facts == nullptr || !facts->found) return;
  std::string problem = runtime_class_problem(*snapshot.settings, facts);
  if (problem.empty()) return;
  out.add(
      {"runtime-class-handler", RuleAction::kDeny, std::move(problem), "spec.runtimeClassName"});
}

}  // namespace cvm
