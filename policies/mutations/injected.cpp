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

// The ServiceAccount admission plugin and the webhooks below mount here.
constexpr std::string_view kSecretsDirectory = "/var/run/secrets/";

constexpr std::array<std::string_view, 11> kIdentityVariables = {
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
};

template <typename Names>
bool contains(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

bool is_defaulted_field(std::string_view field) { return contains(kDefaultedFields, field); }

bool is_defaulted_resource(std::string_view resource) {
  return contains(kDefaultedResources, resource);
}

bool is_injected_mount(const VolumeMount& mount, const PodView& pod) {
  if (!mount.read_only || !mount.mount_path.starts_with(kSecretsDirectory) ||
      mount.mount_path.find("..") != std::string_view::npos || !mount.sub_path.empty() ||
      !mount.sub_path_expr.empty() || !mount.mount_propagation.empty()) {
    return false;
  }
  return std::any_of(pod.volumes.begin(), pod.volumes.end(), [&mount](const Volume& volume) {
    return volume.name == mount.name && (volume.source == "projected" || volume.source == "secret");
  });
}

bool is_injected_variable(const EnvVar& variable) {
  return !variable.has_value_from && contains(kIdentityVariables, variable.name);
}

}  // namespace cvm
