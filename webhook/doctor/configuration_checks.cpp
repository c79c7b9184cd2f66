// Both webhook configurations: they are there, a failure admits nothing, the namespaces that take
// part are selected and the system's are not, and the API server does not wait long.
//
// Reads MutatingWebhookConfigurations, ValidatingWebhookConfigurations and Namespaces.
#include <fmt/format.h>

#include <array>

#include "policies/model/workspace.hpp"
#include "policies/mutations/patch_writer.hpp"
#include "webhook/doctor/check_parts.hpp"
#include "webhook/doctor/checks.hpp"

namespace cvm::webhook {
namespace {

constexpr std::string_view kNameLabel = "kubernetes.io/metadata.name";
constexpr int kLongTimeoutSeconds = 10;
// Answers about what makes pods are advice, and namespaces that leave are asked about by what they
// were: see manifests/base/validatingwebhookconfiguration.yaml.
constexpr std::string_view kTemplates = "templates.", kNamespaces = "namespaces.";

std::string_view kind_of(const WebhookConfiguration& configuration) {
  return configuration.mutating ? "mutatingwebhookconfiguration" : "validatingwebhookconfiguration";
}

std::string edit_command(const WebhookConfiguration& configuration) {
  return fmt::format("kubectl edit {} {}", kind_of(configuration), configuration.name);
}

std::string patch_command(const WebhookConfiguration& configuration, std::size_t index,
                          std::string_view field, std::string_view value) {
  std::string patch;
  PatchWriter(patch).add(JsonPointer("/webhooks") / index / field, value);
  return fmt::format("kubectl patch {} {} --type=json -p '{}'", kind_of(configuration),
                     configuration.name, patch);
}

// Skips where either kind is not known; fails nothing where there is none, which is said once.
bool skip_without_configurations(const CheckInput& input, Findings& out) {
  if (skip_unknown(input, ObjectKind::kMutatingWebhookConfiguration, out)) return true;
  if (skip_unknown(input, ObjectKind::kValidatingWebhookConfiguration, out)) return true;
  if (!input.facts.configurations.empty()) return false;
  out.skip("there is no webhook configuration of cvm-webhook", "kubectl apply -k manifests/base");
  return true;
}

template <typename Visit>
void for_each_webhook(const ClusterFacts& facts, Visit&& visit) {
  for (const WebhookConfiguration& configuration : facts.configurations) {
    for (std::size_t each = 0; each < configuration.webhooks.size(); ++each) {
      visit(configuration, configuration.webhooks[each], each);
    }
  }
}

bool selects(const AdmissionWebhook& webhook, const Labels& labels) {
  KeyValues views;
  for (const auto& [key, value] : labels) views.push_back({key, value});
  return webhook.namespace_selector.matches(views);
}

Labels labels_of(std::string_view ns, bool takes_part) {
  Labels labels{{std::string(kNameLabel), std::string(ns)}};
  if (takes_part) labels.emplace(kWorkspacesLabel, "enabled");
  return labels;
}

bool is_excluded(std::string_view ns, std::string_view own) {
  return ns == "kube-system" || ns == "kube-node-lease" || ns == own;
}

void judge_selector(const CheckInput& input, const WebhookConfiguration& configuration,
                    const AdmissionWebhook& webhook, Findings& out) {
  const std::string name = fmt::format("{}: namespaceSelector ", webhook.name);
  const std::string own = input.facts.webhook_namespace();
  for (const std::string_view ns : {std::string_view("kube-system"),
                                    std::string_view("kube-node-lease"), std::string_view(own)}) {
    if (!selects(webhook, labels_of(ns, true))) continue;
    out.fail(
        fmt::format(
            "{}does not exclude {}, so that the webhook can stop the pods that it needs itself",
            name, ns),
        edit_command(configuration));
  }
  if (webhook.name.starts_with(kNamespaces)) return;
  if (selects(webhook, labels_of("any", false))) {
    out.warn(
        fmt::format("{}selects namespaces without the label {}=enabled", name, kWorkspacesLabel),
        edit_command(configuration));
  }
  std::vector<std::string> missed;
  for (const NamespaceFacts& ns : input.facts.namespaces) {
    if (!ns.takes_part() || is_excluded(ns.name, own)) continue;
    if (!selects(webhook, ns.labels)) missed.push_back(ns.name);
  }
  if (!selects(webhook, labels_of("any", true))) {
    out.fail(fmt::format("{}does not select namespaces with the label {}=enabled", name,
                         kWorkspacesLabel),
             edit_command(configuration));
  } else if (!missed.empty()) {
    out.fail(fmt::format("{}does not select namespaces that take part: {}", name, some_of(missed)),
             edit_command(configuration));
  }
}

}  // namespace

void check_configurations(const CheckInput& input, Findings& out) {
  std::string names;
  for (const auto kind :
       {ObjectKind::kMutatingWebhookConfiguration, ObjectKind::kValidatingWebhookConfiguration}) {
    if (skip_unknown(input, kind, out)) continue;
    const bool mutating = kind == ObjectKind::kMutatingWebhookConfiguration;
    const std::string kind_name(describe(kind).name);
    bool found = false;
    for (const WebhookConfiguration& configuration : input.facts.configurations) {
      if (configuration.mutating != mutating) continue;
      found = true;
      names += fmt::format("{}{} {}", names.empty() ? "" : ", ", kind_name, configuration.name);
    }
    if (found) continue;
    out.fail(fmt::format("there is no {} of cvm-webhook, so that pods are not {}", kind_name,
                         mutating ? "made CVMs" : "checked"),
             "kubectl apply -k manifests/base");
  }
  out.pass_if_silent(std::move(names));
}

void check_failure_policy(const CheckInput& input, Findings& out) {
  if (skip_without_configurations(input, out)) return;
  for_each_webhook(input.facts, [&](const WebhookConfiguration& configuration,
                                    const AdmissionWebhook& webhook, std::size_t index) {
    if (!webhook.ignores_failures || webhook.name.starts_with(kTemplates)) return;
    const std::string fix = patch_command(configuration, index, "failurePolicy", "\"Fail\"");
    if (configuration.mutating) {
      out.warn(fmt::format("{}: failurePolicy is Ignore, so that workspaces are refused by the "
                           "validating webhook instead of made CVMs while this one is down",
                           webhook.name),
               fix);
    } else {
      out.fail(
          fmt::format("{}: failurePolicy is Ignore, so that nothing is checked while it is down",
                      webhook.name),
          fix);
    }
  });
  out.pass_if_silent("what the webhook cannot answer is refused");
}

void check_namespace_selector(const CheckInput& input, Findings& out) {
  if (skip_without_configurations(input, out)) return;
  for_each_webhook(input.facts,
                   [&](const WebhookConfiguration& configuration, const AdmissionWebhook& webhook,
                       std::size_t) { judge_selector(input, configuration, webhook, out); });
  out.pass_if_silent(fmt::format("kube-system, kube-node-lease and {} are excluded",
                                 input.facts.webhook_namespace()));
}

void check_timeout(const CheckInput& input, Findings& out) {
  if (skip_without_configurations(input, out)) return;
  int longest = 0;
  for_each_webhook(input.facts, [&](const WebhookConfiguration& configuration,
                                    const AdmissionWebhook& webhook, std::size_t index) {
    longest = std::max(longest, webhook.timeout_seconds);
    if (webhook.timeout_seconds <= kLongTimeoutSeconds) return;
    out.warn(fmt::format("{}: the API server waits {} s for an answer, which takes milliseconds",
                         webhook.name, webhook.timeout_seconds),
             patch_command(configuration, index, "timeoutSeconds", "3"));
  });
  out.pass_if_silent(fmt::format("the API server waits {} s at most", longest));
}

}  // namespace cvm::webhook
