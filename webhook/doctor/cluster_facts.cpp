#include "webhook/doctor/cluster_facts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "policies/model/workspace.hpp"
#include "policies/nodes/node_inventory.hpp"
#include "webhook/decode/json_fields.hpp"
#include "webhook/decode/known_pod_reader.hpp"
#include "webhook/doctor/object_readers.hpp"
#include "webhook/kubernetes/access/server_url.hpp"
#include "webhook/kubernetes/watchers/node_decoder.hpp"
#include "webhook/kubernetes/watchers/persistent_volume_watcher.hpp"
#include "webhook/kubernetes/watchers/runtime_class_watcher.hpp"

namespace cvm::webhook {
namespace {

using Element = simdjson::dom::element;

constexpr std::string_view kDefaultNamespace = "cvm-system", kWebhookName = "cvm-webhook";
constexpr std::string_view kDefaultConfigMap = "cvm-webhook-settings";
constexpr std::string_view kDefaultKey = "settings.yaml";
constexpr std::string_view kSettingsKindText = "CvmSettings";

std::size_t index_of(ObjectKind kind) { return static_cast<std::size_t>(kind); }

bool is_webhook_deployment(Element object) {
  return string_at(object, "/metadata/name") == kWebhookName ||
         string_at(object, "/metadata/labels/app.kubernetes.io~1name") == kWebhookName;
}

std::optional<Error> add_node(Element object, ClusterFacts& facts) {
  Result<NodeFacts> node = decode_node(object);
  if (!node) return node.error();
  Labels marks = strings_of(object["metadata"]["labels"]);
  std::erase_if(marks, [](const auto& label) { return !is_node_mark(label.first); });
  facts.node_marks[node->name] = std::move(marks);
  facts.nodes.push_back(std::move(*node));
  return std::nullopt;
}

void add_config_map(Element object, ClusterFacts& facts) {
  Labels texts = strings_of(object["data"]);
  std::erase_if(texts, [](const auto& text) {
    return text.second.find(kSettingsKindText) == std::string::npos;
  });
  if (!texts.empty()) facts.settings_texts[name_of(object)] = std::move(texts);
}

void add_pod(Element object, ClusterFacts& facts) {
  const std::string phase = string_at(object, "/status/phase");
  const bool is_ending = !string_at(object, "/metadata/deletionTimestamp").empty();
  if (phase == "Succeeded" || phase == "Failed" || is_ending) return;
  if (read_known_pod(object).is_cvm) {
    ++facts.cvms;
    return;
  }
  // The mirror of a static pod: it is made by its kubelet, and can be no CVM.
  if (strings_of(object["metadata"]["annotations"]).contains(kMirrorAnnotation)) return;
  PlainPod pod{name_of(object), {}};
  for (auto& label : strings_of(object["metadata"]["labels"])) pod.labels.push_back(label);
  facts.plain_pods.push_back(std::move(pod));
}

template <typename T>
void append(std::vector<T>& to, std::vector<T>& from) {
  std::move(from.begin(), from.end(), std::back_inserter(to));
}

void add_configuration(Element object, bool mutating, ClusterFacts& facts) {
  if (auto configuration = read_configuration(object, mutating)) {
    facts.configurations.push_back(std::move(*configuration));
  }
}

}  // namespace

std::string AdmissionWebhook::host() const {
  if (url.empty()) return fmt::format("{}.{}.svc", service.second, service.first);
  ClusterAccess access;
  return set_server(url, access) ? access.host : std::string();
}

std::string_view NamespaceFacts::label(std::string_view key) const {
  const auto found = labels.find(key);
  return found == labels.end() ? std::string_view() : std::string_view(found->second);
}

bool NamespaceFacts::takes_part() const { return label(kWorkspacesLabel) == "enabled"; }

std::optional<Error> ClusterFacts::add(ObjectKind kind, Element object) {
  set_known(kind);
  switch (kind) {
    case ObjectKind::kNode:
      return add_node(object, *this);
    case ObjectKind::kNamespace:
      namespaces.push_back({name_of(object).second, strings_of(object["metadata"]["labels"])});
      break;
    case ObjectKind::kRuntimeClass:
      runtime_classes[name_of(object).second] = read_runtime_class(object);
      break;
    case ObjectKind::kMutatingWebhookConfiguration:
    case ObjectKind::kValidatingWebhookConfiguration:
      add_configuration(object, kind == ObjectKind::kMutatingWebhookConfiguration, *this);
      break;
    case ObjectKind::kService:
      services[name_of(object)] = read_ports(object);
      break;
    case ObjectKind::kEndpointSlice:
      ready_endpoints[{name_of(object).first,
                       string_at(object, "/metadata/labels/kubernetes.io~1service-name")}]
                     [string_at(object, "/addressType")] += count_ready(object);
      break;
    case ObjectKind::kDeployment:
      if (is_webhook_deployment(object)) deployments[name_of(object)] = read_deployment(object);
      break;
    case ObjectKind::kConfigMap:
      add_config_map(object, *this);
      break;
    case ObjectKind::kResourceQuota:
      quotas.push_back(read_quota(object));
      break;
    case ObjectKind::kLimitRange:
      limit_ranges.push_back(read_limit_range(object));
      break;
    case ObjectKind::kStorageClass:
      storage_classes[name_of(object).second] = string_at(object, "/provisioner");
      break;
    case ObjectKind::kPersistentVolume: {
      HostVolumeStore store;
      store.put(object);
      for (const auto& [name, claim] : store.claims)
        unmappable_volumes += !claim.file_system.empty();
      break;
    }
    case ObjectKind::kPod:
      add_pod(object, *this);
      break;
  }
  return std::nullopt;
}

void ClusterFacts::take(ClusterFacts&& other) {
  append(nodes, other.nodes);
  node_marks.merge(other.node_marks);
  append(namespaces, other.namespaces);
  runtime_classes.merge(other.runtime_classes);
  append(configurations, other.configurations);
  services.merge(other.services);
  for (const auto& [service, counts] : other.ready_endpoints) {
    for (const auto& [type, count] : counts) ready_endpoints[service][type] += count;
  }
  deployments.merge(other.deployments);
  settings_texts.merge(other.settings_texts);
  append(quotas, other.quotas);
  append(limit_ranges, other.limit_ranges);
  storage_classes.merge(other.storage_classes);
  unmappable_volumes += other.unmappable_volumes;
  append(plain_pods, other.plain_pods);
  cvms += other.cvms;
}

void ClusterFacts::set_known(ObjectKind kind) { sources_[index_of(kind)] = {true, {}}; }

void ClusterFacts::set_unavailable(ObjectKind kind, std::string reason) {
  sources_[index_of(kind)] = {false, std::move(reason)};
}

bool ClusterFacts::knows(ObjectKind kind) const { return sources_[index_of(kind)].known; }

std::string ClusterFacts::why_unknown(ObjectKind kind) const {
  const std::string& reason = sources_[index_of(kind)].reason;
  if (!reason.empty()) return reason;
  return fmt::format("the dump has no {}", describe(kind).name);
}

std::string ClusterFacts::webhook_namespace() const {
  for (const WebhookConfiguration& configuration : configurations) {
    for (const AdmissionWebhook& webhook : configuration.webhooks) {
      if (!webhook.service.first.empty()) return webhook.service.first;
    }
  }
  if (!deployments.empty()) return deployments.begin()->first.first;
  return std::string(kDefaultNamespace);
}

const DeploymentFacts* ClusterFacts::deployment() const {
  const std::string ns = webhook_namespace();
  for (const auto& [name, facts] : deployments) {
    if (name.first == ns) return &facts;
  }
  return nullptr;
}

std::pair<ObjectName, std::string> ClusterFacts::settings_place() const {
  const std::string ns = webhook_namespace();
  if (const DeploymentFacts* mounts = deployment()) {
    return {{mounts->config_map.empty() ? "" : ns, mounts->config_map}, mounts->settings_key};
  }
  if (knows(ObjectKind::kDeployment)) return {};
  return {{ns, std::string(kDefaultConfigMap)}, std::string(kDefaultKey)};
}

}  // namespace cvm::webhook
