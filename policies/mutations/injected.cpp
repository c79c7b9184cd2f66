#include "policies/mutations/injected.hpp"

#include <algorithm>
#include <array>

namespace cvm {

namespace {

constexpr std::array<std::string_view, 2> kDefaultedFields = {
    "terminationMessagePolicy",  // defaulted on every container
    "resizePolicy",              // defaulted by 1.27 to 1.32 with in-place resizing
};

constexpr std::array<std::string_view, 3> kDefaultedResources = {"cpu", "memory",
                                                                 "ephemeral-storage"};

template <typename Names>
bool contains(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

bool is_defaulted_field(std::string_view field) { return contains(kDefaultedFields, field); }

bool is_defaulted_resource(std::string_view resource) {
  return contains(kDefaultedResources, resource);
}

InjectedSettings default_injected_settings() {
  return {
      .variables =
          {
              // amazon-eks-pod-identity-webhook: IAM roles for service accounts, EKS Pod Identity
              "AWS_DEFAULT_REGION",
              "AWS_REGION",
              "AWS_ROLE_ARN",
              "AWS_STS_REGIONAL_ENDPOINTS",
              "AWS_WEB_IDENTITY_TOKEN_FILE",
              "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
              "AWS_CONTAINER_CREDENTIALS_FULL_URI",
              // azure-workload-identity
              "AZURE_AUTHORITY_HOST",
              "AZURE_CLIENT_ID",
              "AZURE_FEDERATED_TOKEN_FILE",
              "AZURE_TENANT_ID",
          },
      .mounts =
          {
              // The ServiceAccount admission plugin, and the webhooks above
              {.path = "/var/run/secrets/", .sources = {"projected", "secret"}},
              // vault-k8s, the agent's injector: the memory that it shares with every container
              {.path = "/vault/secrets", .sources = {"emptyDir"}, .read_only = false},
          },
      .containers =
          {
              // Istio and Linkerd redirect the pod's traffic from an init container.
              {.name = "istio-init",
               .images = {"docker.io/istio/proxyv2:", "gcr.io/istio-release/proxyv2:",
                          "registry.istio.io/release/proxyv2:"},
               .capabilities = {"NET_ADMIN", "NET_RAW"}},
              {.name = "linkerd-init",
               .images = {"cr.l5d.io/linkerd/proxy-init:"},
               .capabilities = {"NET_ADMIN", "NET_RAW"}},
          },
  };
}

static bool is_path_of(const AllowedMount& allowed, std::string_view path) {
  if (path.find("..") != std::string_view::npos) return false;
  return allowed.path.ends_with('/') ? path.starts_with(allowed.path) : path == allowed.path;
}

bool is_injected_mount(const VolumeMount& mount, const PodView& pod,
                       const InjectedSettings& settings) {
  if (!mount.sub_path.empty() || !mount.sub_path_expr.empty() || !mount.mount_propagation.empty()) {
    return false;
  }
  const Volume* volume = find_volume(pod, mount.name);
  if (volume == nullptr) return false;
  return std::any_of(
      settings.mounts.begin(), settings.mounts.end(), [&](const AllowedMount& allowed) {
        return is_path_of(allowed, mount.mount_path) && (mount.read_only || !allowed.read_only) &&
               contains(allowed.sources, volume->source);
      });
}

bool is_injected_variable(const EnvVar& variable, const InjectedSettings& settings) {
  return !variable.has_value_from && contains(settings.variables, variable.name);
}

}  // namespace cvm
