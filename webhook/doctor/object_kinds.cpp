#include "webhook/doctor/object_kinds.hpp"

#include <fmt/format.h>

#include <array>

namespace cvm::webhook {
namespace {

constexpr std::string_view kAdmission = "admissionregistration.k8s.io";

// In the order of the enumeration.
constexpr std::array<KindDescription, kObjectKindCount> kKinds = {{
    {ObjectKind::kNode, "Node", "", "nodes"},
    {ObjectKind::kNamespace, "Namespace", "", "namespaces"},
    {ObjectKind::kRuntimeClass, "RuntimeClass", "node.k8s.io", "runtimeclasses"},
    {ObjectKind::kMutatingWebhookConfiguration, "MutatingWebhookConfiguration", kAdmission,
     "mutatingwebhookconfigurations"},
    {ObjectKind::kValidatingWebhookConfiguration, "ValidatingWebhookConfiguration", kAdmission,
     "validatingwebhookconfigurations"},
    {ObjectKind::kService, "Service", "", "services", true},
    {ObjectKind::kEndpointSlice, "EndpointSlice", "discovery.k8s.io", "endpointslices", true},
    {ObjectKind::kDeployment, "Deployment", "apps", "deployments", true},
    {ObjectKind::kConfigMap, "ConfigMap", "", "configmaps", true},
    {ObjectKind::kResourceQuota, "ResourceQuota", "", "resourcequotas", true},
    {ObjectKind::kLimitRange, "LimitRange", "", "limitranges", true},
    {ObjectKind::kStorageClass, "StorageClass", "storage.k8s.io", "storageclasses"},
    {ObjectKind::kPersistentVolume, "PersistentVolume", "", "persistentvolumes"},
    {ObjectKind::kPod, "Pod", "", "pods", true},
}};

}  // namespace

std::string KindDescription::path(std::string_view ns) const {
  std::string text = group.empty() ? "/api/v1/" : fmt::format("/apis/{}/v1/", group);
  if (!ns.empty()) text += fmt::format("namespaces/{}/", ns);
  return text + std::string(plural);
}

std::string KindDescription::get_command() const {
  return fmt::format("kubectl get {}{} -o yaml", plural, namespaced ? " --all-namespaces" : "");
}

const KindDescription& describe(ObjectKind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

std::span<const KindDescription> object_kinds() { return kKinds; }

std::optional<ObjectKind> find_kind(std::string_view api_version, std::string_view name) {
  for (const KindDescription& each : kKinds) {
    const std::string expected = each.group.empty() ? "v1" : std::string(each.group) + "/v1";
    if (each.name == name && expected == api_version) return each.kind;
  }
  return std::nullopt;
}

}  // namespace cvm::webhook
