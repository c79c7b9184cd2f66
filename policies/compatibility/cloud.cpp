#include "policies/compatibility/cloud.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "policies/compatibility/kernel_version.hpp"
#include "policies/model/text.hpp"

namespace cvm {

namespace {

// Built at first use, as its strings are of the same kind as those of the settings.
const std::vector<Provider>& built_in() {
  // What cloud controllers write to spec.providerID, and the labels of managed Kubernetes services.
  static const std::vector<Provider> kProviders = {
      {"aws", "AWS", "aws://"},
      {"gce", "Google Cloud", "gce://"},
      {"azure", "Azure", "azure://"},
      {"digitalocean", "DigitalOcean", "digitalocean://"},
      {"ibm", "IBM Cloud", "ibm"},
      {"oci", "Oracle Cloud", "oci"},
      {"alicloud", "Alibaba Cloud", "alicloud"},
      {"hcloud", "Hetzner Cloud", "hcloud://"},
      {"linode", "Linode", "linode://"},
      {"vultr", "Vultr", "vultr://"},
      {"scaleway", "Scaleway", "scaleway://"},
      {"openstack", "OpenStack", "openstack://"},
      {"vsphere", "vSphere", "vsphere://", Hosting::kVirtual},
      {"metal3", "Metal3", "metal3://", Hosting::kBareMetal},
      {"equinixmetal", "Equinix Metal", "equinixmetal://", Hosting::kBareMetal},
      {"kind", "kind", "kind://", Hosting::kBareMetal},
      {"k3s", "k3s", "k3s://", Hosting::kBareMetal},
      {"baremetal", "bare metal", "baremetal", Hosting::kBareMetal},
  };
  return kProviders;
}

struct Evidence {
  std::string_view provider;
  std::string_view text;
};

// Beginnings of label keys that a provider's Kubernetes service puts on its nodes.
constexpr Evidence kLabels[] = {
    {"aws", "eks.amazonaws.com/"},       {"aws", "alpha.eksctl.io/"},
    {"aws", "karpenter.k8s.aws/"},       {"gce", "cloud.google.com/gke-"},
    {"azure", "kubernetes.azure.com/"},  {"digitalocean", "doks.digitalocean.com/"},
    {"ibm", "ibm-cloud.kubernetes.io/"}, {"oci", "oci.oraclecloud.com/"},
    {"alicloud", "alibabacloud.com/"},   {"hcloud", "instance.hetzner.cloud/"},
    {"linode", "lke.linode.com/"},       {"vultr", "vke.vultr.com/"},
    {"scaleway", "k8s.scaleway.com/"},
};

// Ubuntu's kernels for clouds, and Amazon's own.
constexpr Evidence kKernelFlavours[] = {
    {"aws", "aws"}, {"aws", "amzn2"}, {"aws", "amzn2023"}, {"azure", "azure"},
    {"gce", "gcp"}, {"gce", "gke"},   {"oci", "oracle"},   {"ibm", "ibm"},
};

const Provider* find_by_name(const std::vector<Provider>& providers, std::string_view name) {
  const auto found = std::find_if(providers.begin(), providers.end(),
                                  [name](const Provider& row) { return row.name == name; });
  return found == providers.end() ? nullptr : &*found;
}

const Provider* find_provider(std::string_view name, const Compatibility& compatibility) {
  const Provider* replaced = find_by_name(compatibility.clouds, name);
  return replaced != nullptr ? replaced : find_by_name(built_in(), name);
}

const Provider* provider_of_id(std::string_view id, const Compatibility& compatibility) {
  for (const Provider& row : compatibility.clouds) {
    if (id.starts_with(row.provider_id)) return &row;
  }
  for (const Provider& row : built_in()) {
    const bool is_replaced = find_by_name(compatibility.clouds, row.name) != nullptr;
    if (!is_replaced && id.starts_with(row.provider_id)) return &row;
  }
  return nullptr;
}

HostingPlatform from_labels(const NodeFacts& node, const Compatibility& compatibility) {
  for (const Evidence& label : kLabels) {
    const auto first = node.labels.lower_bound(label.text);
    if (first == node.labels.end() || !first->first.starts_with(label.text)) continue;
    return {find_provider(label.provider, compatibility), HostingSource::kLabel,
            "label " + readable(first->first)};
  }
  return {};
}

HostingPlatform from_kernel(const NodeFacts& node, const Compatibility& compatibility) {
  const auto kernel = parse_kernel_version(node.kernel_version);
  if (!kernel) return {};
  for (const Evidence& flavour : kKernelFlavours) {
    if (!kernel->has_flavour(flavour.text)) continue;
    return {find_provider(flavour.provider, compatibility), HostingSource::kKernel,
            fmt::format("kernel flavour {}", flavour.text)};
  }
  return {};
}

}  // namespace

std::span<const Provider> providers() { return built_in(); }

HostingPlatform detect_hosting(const NodeFacts& node, const Compatibility& compatibility) {
  const Provider* by_id = provider_of_id(node.provider_id, compatibility);
  HostingPlatform platform;
  if (by_id != nullptr) {
    platform = {by_id, HostingSource::kProviderId,
                fmt::format("spec.providerID {}", by_id->provider_id)};
  }
  if (platform.hosting() == Hosting::kCloud || platform.hosting() == Hosting::kVirtual) {
    return platform;
  }
  if (HostingPlatform cloud = from_labels(node, compatibility); cloud.provider != nullptr)
    return cloud;
  if (HostingPlatform cloud = from_kernel(node, compatibility); cloud.provider != nullptr)
    return cloud;
  return platform;
}

}  // namespace cvm
