#include "webhook/suites/coverage.hpp"

#include <algorithm>
#include <functional>

#include "policies/rules/registry.hpp"
#include "webhook/suites/settings_use.hpp"

namespace cvm::webhook {

namespace {

using nlohmann::json;

// Whether `list` of the pod's spec has an element of that name.
bool has_named(const json& pod, const char* list, std::string_view name) {
  const json spec = pod.value("spec", json::object());
  const auto found = spec.find(list);
  return found != spec.end() && found->is_array() &&
         std::any_of(found->begin(), found->end(), [name](const json& item) {
           return item.is_object() && item.value("name", "") == name;
         });
}

bool has(const json& pod, const char* pointer) { return pod.contains(json::json_pointer(pointer)); }

struct Part {
  std::string_view name;
  std::function<bool(const json& pod)> is_in;
};

Part member(std::string_view name, const char* pointer) {
  return {name, [pointer](const json& pod) { return has(pod, pointer); }};
}

Part volume(const char* name) {
  return {name, [name](const json& pod) { return has_named(pod, "volumes", name); }};
}

Part supervisor(std::string_view name, const char* list) {
  return {name, [list](const json& pod) { return has_named(pod, list, "cvm-supervisor"); }};
}

// The parts of every mode's plan (policies/mutations), by what they leave in a pod.
const std::vector<Part>& parts() {
  static const std::vector<Part> all = {
      member("annotation cvm-webhook.io/plan", "/metadata/annotations/cvm-webhook.io~1plan"),
      member("annotation cvm-webhook.io/profile", "/metadata/annotations/cvm-webhook.io~1profile"),
      member("annotation io.kubernetes.cri-o.userns-mode",
             "/metadata/annotations/io.kubernetes.cri-o.userns-mode"),
      member("hostUsers", "/spec/hostUsers"),
      member("node affinity", "/spec/affinity/nodeAffinity"),
      member("node selector cvm-webhook.io/cvm-gpu", "/spec/nodeSelector/cvm-webhook.io~1cvm-gpu"),
      member("runtimeClassName", "/spec/runtimeClassName"),
      supervisor("supervisor, placement container", "containers"),
      supervisor("supervisor, placement sidecar", "initContainers"),
      member("supervisor, placement wrap", "/metadata/annotations/cvm-webhook.io~1supervisor"),
      volume("cvm-cache"),
      volume("cvm-lib-modules"),
      volume("cvm-sysbox"),
      volume("cvm-usr-lib"),
      volume("cvm-usr-src"),
      volume("cvm-var-lib"),
      volume("cvm-var-run"),
  };
  return all;
}

void add_case(const CaseResult& result, std::vector<RuleCoverage>& rules, Coverage& coverage) {
  for (RuleCoverage& rule : rules) {
    switch (result.answer.trace.of(*find_rule(rule.rule)).use) {
      case RuleUse::kFound:
        ++rule.found;
        break;
      case RuleUse::kPassed:
        if (result.answer.allowed) ++rule.passed;
        break;
      case RuleUse::kSkipped:
        ++rule.skipped;
        break;
      case RuleUse::kNotReached:
        break;
    }
  }
  if (result.object.is_null()) return;
  for (std::size_t i = 0; i < parts().size(); ++i) {
    const Part& part = parts()[i];
    if (part.is_in(result.object) && !part.is_in(result.given)) ++coverage.parts[i].cases;
  }
}

bool was_run(const CaseResult& result) {
  return result.status == CaseStatus::kPassed || result.status == CaseStatus::kFailed;
}

}  // namespace

std::size_t RuleCoverage::covered() const {
  return std::size_t{found > 0} + std::size_t{passed > 0} + std::size_t{skipped > 0};
}

std::size_t Coverage::covered() const {
  std::size_t sum = 0;
  for (const RuleCoverage& rule : rules) sum += rule.covered();
  for (const PartCoverage& part : parts) sum += part.cases > 0 ? 1 : 0;
  return sum;
}

std::size_t Coverage::possible() const {
  return rules.size() * RuleCoverage::kPossible + parts.size();
}

double Coverage::percent() const {
  return 100.0 * static_cast<double>(covered()) / static_cast<double>(possible());
}

Coverage measure_coverage(const std::vector<SuiteRun>& runs) {
  Coverage coverage;
  for (const RuleDescriptor* rule : all_rules()) {
    if (rule->fixed.empty()) coverage.rules.push_back({rule->id});
  }
  for (const Part& part : parts()) coverage.parts.push_back({part.name});
  SettingsUse settings;
  for (const SuiteRun& run : runs) {
    std::vector<RuleCoverage> of_suite;
    of_suite.reserve(coverage.rules.size());
    for (const RuleCoverage& rule : coverage.rules) of_suite.push_back({rule.rule});
    for (std::size_t i = 0; i < run.results.size(); ++i) {
      if (!was_run(run.results[i])) continue;
      add_case(run.results[i], of_suite, coverage);
      settings.add(run.suite->settings[run.suite->cases[i].settings].given);
    }
    for (std::size_t i = 0; i < of_suite.size(); ++i) {
      if (of_suite[i].found == 0) continue;  // the suite is not about the rule
      coverage.rules[i].found += of_suite[i].found;
      coverage.rules[i].passed += of_suite[i].passed;
      coverage.rules[i].skipped += of_suite[i].skipped;
    }
  }
  coverage.settings_not_varied = settings.not_varied();
  return coverage;
}

}  // namespace cvm::webhook
