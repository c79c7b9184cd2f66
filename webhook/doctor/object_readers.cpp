#include "webhook/doctor/object_readers.hpp"

#include <algorithm>

#include "webhook/decode/json_fields.hpp"
#include "webhook/kubernetes/reading/settings_mount.hpp"

namespace cvm::webhook {
namespace {

using Element = simdjson::dom::element;
using Field = simdjson::simdjson_result<Element>;

constexpr std::string_view kName = "cvm-webhook", kWebhookSuffix = ".cvm-webhook.io";

int number_at(Element object, std::string_view pointer, int otherwise) {
  std::int64_t value = 0;
  if (object.at_pointer(pointer).get(value) != simdjson::SUCCESS) return otherwise;
  return static_cast<int>(std::clamp<std::int64_t>(value, 0, 1 << 30));
}

LabelOperator operator_of(std::string_view text) {
  if (text == "NotIn") return LabelOperator::kNotIn;
  if (text == "Exists") return LabelOperator::kExists;
  return text == "DoesNotExist" ? LabelOperator::kDoesNotExist : LabelOperator::kIn;
}

LabelSelector read_selector(Field field) {
  LabelSelector selector;
  Element element;
  if (field.get(element) != simdjson::SUCCESS) return selector;
  for (auto& [key, value] : strings_of(element["matchLabels"])) {
    selector.requirements.push_back({key, LabelOperator::kIn, {value}});
  }
  for_each_of(element["matchExpressions"], [&](Element expression) {
    selector.requirements.push_back({string_at(expression, "/key"),
                                     operator_of(string_at(expression, "/operator")),
                                     texts_of(expression["values"])});
  });
  return selector;
}

AdmissionWebhook read_webhook(Element object) {
  AdmissionWebhook webhook;
  webhook.name = string_at(object, "/name");
  webhook.url = string_at(object, "/clientConfig/url");
  webhook.service = {string_at(object, "/clientConfig/service/namespace"),
                     string_at(object, "/clientConfig/service/name")};
  webhook.port = std::to_string(number_at(object, "/clientConfig/service/port", 443));
  webhook.path = string_at(object, "/clientConfig/service/path");
  webhook.ca_bundle = string_at(object, "/clientConfig/caBundle");
  webhook.namespace_selector = read_selector(object["namespaceSelector"]);
  webhook.ignores_failures = string_at(object, "/failurePolicy") == "Ignore";
  webhook.timeout_seconds = number_at(object, "/timeoutSeconds", 10);
  for_each_of(object["rules"], [&](Element rule) {
    webhook.rules.push_back(
        {texts_of(rule["apiGroups"]), texts_of(rule["operations"]), texts_of(rule["resources"])});
  });
  return webhook;
}

}  // namespace

std::optional<WebhookConfiguration> read_configuration(Element object, bool mutating) {
  WebhookConfiguration configuration{string_at(object, "/metadata/name"), mutating, {}};
  bool is_ours = configuration.name == kName;
  for_each_of(object["webhooks"], [&](Element webhook) {
    configuration.webhooks.push_back(read_webhook(webhook));
    is_ours = is_ours || configuration.webhooks.back().name.ends_with(kWebhookSuffix);
  });
  return is_ours ? std::optional(std::move(configuration)) : std::nullopt;
}

DeploymentFacts read_deployment(Element object) {
  DeploymentFacts facts;
  facts.wanted = number_at(object, "/spec/replicas", 1);
  facts.ready = number_at(object, "/status/readyReplicas", 0);
  Element spec;
  if (object.at_pointer("/spec/template/spec").get(spec) != simdjson::SUCCESS) return facts;
  facts.service_account = string_at(spec, "/serviceAccountName");
  const SettingsMount settings = find_settings_mount(object);
  facts.config_map = settings.config_map;
  facts.settings_key = settings.key;
  return facts;
}

LimitRangeFacts read_limit_range(Element object) {
  LimitRangeFacts facts{name_of(object), {}};
  for_each_of(object["spec"]["limits"], [&](Element item) {
    facts.items.push_back({string_at(item, "/type"), strings_of(item["min"]),
                           strings_of(item["max"]), strings_of(item["default"]),
                           strings_of(item["defaultRequest"]),
                           strings_of(item["maxLimitRequestRatio"])});
  });
  return facts;
}

QuotaFacts read_quota(Element object) {
  QuotaFacts facts{name_of(object), strings_of(object["spec"]["hard"]),
                   strings_of(object["status"]["used"]), texts_of(object["spec"]["scopes"])};
  for_each_of(object["spec"]["scopeSelector"]["matchExpressions"], [&](Element expression) {
    facts.scopes.push_back(string_at(expression, "/scopeName"));
  });
  return facts;
}

int count_ready(Element slice) {
  int count = 0;
  for_each_of(slice["endpoints"], [&](Element endpoint) {
    bool is_ready = true;  // absent: as the API has it
    if (endpoint.at_pointer("/conditions/ready").get(is_ready) != simdjson::SUCCESS) {
      is_ready = true;
    }
    if (is_ready) ++count;
  });
  return count;
}

std::vector<std::string> read_ports(Element service) {
  std::vector<std::string> ports;
  for_each_of(service["spec"]["ports"],
              [&](Element port) { ports.push_back(std::to_string(number_at(port, "/port", 0))); });
  return ports;
}

ObjectName name_of(Element object) {
  return {string_at(object, "/metadata/namespace"), string_at(object, "/metadata/name")};
}

Labels strings_of(Field field) {
  Labels strings;
  simdjson::dom::object object;
  if (field.get(object) != simdjson::SUCCESS) return strings;
  for (const auto& [key, value] : object) {
    std::string_view text;
    std::int64_t number = 0;  // amounts may be numbers in YAML that a person wrote
    if (value.get(text) == simdjson::SUCCESS) {
      strings.emplace(key, text);
    } else if (value.get(number) == simdjson::SUCCESS) {
      strings.emplace(key, std::to_string(number));
    }
  }
  return strings;
}

std::vector<std::string> texts_of(Field field) {
  std::vector<std::string> texts;
  for_each_of(field, [&](Element element) {
    std::string_view text;
    if (element.get(text) == simdjson::SUCCESS) texts.emplace_back(text);
  });
  return texts;
}

}  // namespace cvm::webhook
