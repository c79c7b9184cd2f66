// The rules of both webhook configurations: the API server asks about everything that
// manifests/base has it ask about.
//
// Reads MutatingWebhookConfigurations and ValidatingWebhookConfigurations.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "webhook/doctor/check_parts.hpp"
#include "webhook/doctor/checks.hpp"

namespace cvm::webhook {
namespace {

struct ShippedRule {
  bool mutating = false;
  std::string_view operation, group, resource;
  bool is_advice = false;  // its answers are warnings, and pods are judged in any case
};

// manifests/base/*webhookconfiguration.yaml; a test compares them.
constexpr std::array kShippedRules = std::to_array<ShippedRule>({
    {true, "CREATE", "", "pods"},
    {false, "CREATE", "", "pods"},
    {false, "CREATE", "", "pods/binding"},
    {false, "CREATE", "", "bindings"},
    {false, "UPDATE", "", "pods"},
    {false, "UPDATE", "", "pods/ephemeralcontainers"},
    {false, "UPDATE", "", "pods/resize"},
    {false, "UPDATE", "", "pods/status"},
    {false, "CONNECT", "", "pods/exec"},
    {false, "CONNECT", "", "pods/attach"},
    {false, "CONNECT", "", "pods/portforward"},
    {false, "CONNECT", "", "pods/proxy"},
    {false, "UPDATE", "", "namespaces"},
    {false, "UPDATE", "", "namespaces/status"},
    {false, "UPDATE", "", "namespaces/finalize"},
    {false, "CREATE", "apps", "deployments", true},
    {false, "UPDATE", "apps", "deployments", true},
    {false, "CREATE", "apps", "statefulsets", true},
    {false, "UPDATE", "apps", "statefulsets", true},
    {false, "CREATE", "apps", "daemonsets", true},
    {false, "UPDATE", "apps", "daemonsets", true},
    {false, "CREATE", "apps", "replicasets", true},
    {false, "UPDATE", "apps", "replicasets", true},
    {false, "CREATE", "batch", "jobs", true},
    {false, "UPDATE", "batch", "jobs", true},
    {false, "CREATE", "batch", "cronjobs", true},
    {false, "UPDATE", "batch", "cronjobs", true},
    {false, "CREATE", "", "podtemplates", true},
    {false, "UPDATE", "", "podtemplates", true},
    {false, "CREATE", "", "replicationcontrollers", true},
    {false, "UPDATE", "", "replicationcontrollers", true},
});

bool has(const std::vector<std::string>& words, std::string_view word) {
  return std::any_of(words.begin(), words.end(),
                     [&](const std::string& each) { return each == "*" || each == word; });
}

// "*" is every resource without subresources, "pods/*" every subresource of pods, "*/*" everything.
bool covers_resource(const AdmissionRule& rule, std::string_view resource) {
  const std::size_t slash = resource.find('/');
  const bool is_subresource = slash != std::string_view::npos;
  const std::string_view name = resource.substr(0, slash);
  return std::any_of(rule.resources.begin(), rule.resources.end(), [&](const std::string& each) {
    if (each == resource || each == "*/*") return true;
    if (!is_subresource) return each == "*" || each == std::string(name) + "/*";
    return each == std::string(name) + "/*" ||
           each == "*/" + std::string(resource.substr(slash + 1));
  });
}

bool is_covered(const ShippedRule& shipped, const ClusterFacts& facts) {
  for (const WebhookConfiguration& configuration : facts.configurations) {
    if (configuration.mutating != shipped.mutating) continue;
    for (const AdmissionWebhook& webhook : configuration.webhooks) {
      for (const AdmissionRule& rule : webhook.rules) {
        if (has(rule.groups, shipped.group) && has(rule.operations, shipped.operation) &&
            covers_resource(rule, shipped.resource)) {
          return true;
        }
      }
    }
  }
  return false;
}

std::string text_of(const ShippedRule& shipped) {
  std::string text = fmt::format("{} {}", shipped.operation, shipped.resource);
  if (!shipped.group.empty()) text += "." + std::string(shipped.group);
  return text;
}

}  // namespace

void check_configuration_rules(const CheckInput& input, Findings& out) {
  for (const bool mutating : {true, false}) {
    const ObjectKind kind = mutating ? ObjectKind::kMutatingWebhookConfiguration
                                     : ObjectKind::kValidatingWebhookConfiguration;
    const std::string kind_name(describe(kind).name);
    if (skip_unknown(input, kind, out)) continue;
    const auto& all = input.facts.configurations;
    if (std::none_of(all.begin(), all.end(), [&](const WebhookConfiguration& configuration) {
          return configuration.mutating == mutating;
        })) {
      out.skip(fmt::format("there is no {} of cvm-webhook", kind_name),
               "kubectl apply -k manifests/base");
      continue;
    }
    std::vector<std::string> missing, missing_advice;
    for (const ShippedRule& shipped : kShippedRules) {
      if (shipped.mutating != mutating || is_covered(shipped, input.facts)) continue;
      (shipped.is_advice ? missing_advice : missing).push_back(text_of(shipped));
    }
    const std::string fix = "kubectl apply -k manifests/base";
    const std::string who = fmt::format("the {} lacks rules, so that nobody ", kind_name);
    if (!missing.empty()) out.fail(fmt::format("{}judges {}", who, some_of(missing)), fix);
    if (!missing_advice.empty())
      out.warn(fmt::format("{}is told early of {}", who, some_of(missing_advice)), fix);
  }
  out.pass_if_silent("the API server asks about everything that it is to ask about");
}

}  // namespace cvm::webhook
