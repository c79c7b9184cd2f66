#include "webhook/evaluation/evaluation_rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "policies/rules/registry.hpp"
#include "policies/rules/rule_trace.hpp"

namespace cvm::webhook {
namespace {

constexpr std::size_t kMostFields = 20;  // of one rule: a pod may have many containers

// "deny, warn": what its findings do.
std::string actions_of(const Evaluation& result, std::string_view rule) {
  std::set<std::string_view> actions;
  for (const Finding& finding : result.findings) {
    if (finding.rule == rule) actions.insert(to_string(finding.action));
  }
  std::string text;
  for (const std::string_view action : actions)
    text.append(text.empty() ? "" : ", ").append(action);
  return text;
}

// The values at a path of RuleExplanation::fields below an object.
class FieldFinder {
 public:
  explicit FieldFinder(std::vector<FieldRead>& found) : found_(found) {}

  void find(const OrderedJson& object, std::string_view path) {
    // Other objects are named before the path, and are not at hand.
    const bool is_of_pod = path.find(' ') == std::string_view::npos;
    const std::size_t before = found_.size();
    if (is_of_pod) visit(object, path, "");
    if (found_.size() == before) found_.push_back({std::string(path)});
  }

 private:
  void visit(const OrderedJson& value, std::string_view rest, const std::string& path) {
    if (found_.size() >= kMostFields) return;
    if (rest.empty()) {
      found_.push_back({path, value});
    } else if (rest.starts_with("[*]")) {
      visit_each(value, rest.substr(3), path);
    } else if (rest.starts_with('[')) {
      const std::size_t end = rest.find(']');
      step(value, std::string(rest.substr(1, end - 1)), rest.substr(end + 1),
           path + std::string(rest.substr(0, end + 1)));
    } else {
      if (rest.starts_with('.')) rest.remove_prefix(1);
      const std::size_t end = std::min(rest.find_first_of(".["), rest.size());
      const std::string key(rest.substr(0, end));
      step(value, key, rest.substr(end), path.empty() ? key : fmt::format("{}.{}", path, key));
    }
  }

  void step(const OrderedJson& value, const std::string& key, std::string_view rest,
            const std::string& path) {
    if (value.is_object() && value.contains(key)) visit(value[key], rest, path);
  }

  void visit_each(const OrderedJson& value, std::string_view rest, const std::string& path) {
    if (value.is_array()) {
      for (std::size_t each = 0; each < value.size(); ++each) {
        visit(value[each], rest, fmt::format("{}[{}]", path, each));
      }
    } else if (value.is_object()) {
      for (const auto& [key, element] : value.items()) {
        std::string below = path;
        visit(element, rest, below.append("[").append(key).append("]"));
      }
    }
  }

  std::vector<FieldRead>& found_;
};

// The pod that rules read: as it was given, of an object as its template makes it.
OrderedJson pod_of(const EvalRequest& request, const Evaluation& result) {
  const bool is_change =
      request.operation == EvalOperation::kUpdate && result.document->maker == nullptr;
  return is_change ? result.document->object : result.before;
}

RuleOutcome::Use use_of(RuleUse use) {
  switch (use) {
    case RuleUse::kFound:
      return RuleOutcome::Use::kFound;
    case RuleUse::kPassed:
      return RuleOutcome::Use::kPassed;
    case RuleUse::kSkipped:
    case RuleUse::kNotReached:
      break;
  }
  return RuleOutcome::Use::kSkipped;
}

}  // namespace

std::string_view to_string(RuleOutcome::Use use) {
  switch (use) {
    case RuleOutcome::Use::kFound:
      return "found";
    case RuleOutcome::Use::kPassed:
      return "passed";
    case RuleOutcome::Use::kSkipped:
      return "skipped";
  }
  return "";
}

std::vector<RuleOutcome> explain_rules(const Evaluation& result, const EvalRequest& request) {
  const OrderedJson pod = pod_of(request, result);
  std::vector<RuleOutcome> outcomes;
  for (const RuleDescriptor* rule : all_rules()) {
    RuleOutcome outcome{.id = rule->id, .use = use_of(result.trace.of(*rule).use)};
    outcome.reason = outcome.use == RuleOutcome::Use::kFound ? actions_of(result, rule->id)
                                                             : result.trace.why_not_asked(*rule);
    if (outcome.use != RuleOutcome::Use::kSkipped) {
      FieldFinder finder(outcome.fields);
      for (const std::string_view path : rule->explanation.fields) {
        if (!path.empty()) finder.find(pod, path);
      }
    }
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

}  // namespace cvm::webhook
