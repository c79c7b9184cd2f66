// The kinds of objects that a preflight reads, and where the API server has them.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cvm::webhook {

enum class ObjectKind {
  kNode,
  kNamespace,
  kRuntimeClass,
  kMutatingWebhookConfiguration,
  kValidatingWebhookConfiguration,
  kService,
  kEndpointSlice,
  kDeployment,
  kConfigMap,
  kResourceQuota,
  kLimitRange,
  kStorageClass,
  kPersistentVolume,
  kPod,
};
inline constexpr std::size_t kObjectKindCount = 14;

struct KindDescription {
  ObjectKind kind;
  std::string_view name;    // "RuntimeClass"
  std::string_view group;   // of the API; empty: the core's
  std::string_view plural;  // "runtimeclasses"
  bool namespaced = false;

  // "/apis/node.k8s.io/v1/runtimeclasses"; `ns` empty: of all namespaces.
  std::string path(std::string_view ns = {}) const;
  // "kubectl get runtimeclasses -o yaml", for all namespaces.
  std::string get_command() const;
};

const KindDescription& describe(ObjectKind kind);
std::span<const KindDescription> object_kinds();

// The kind of an object by its apiVersion and kind; nullopt: none that is read.
std::optional<ObjectKind> find_kind(std::string_view api_version, std::string_view name);

}  // namespace cvm::webhook
