#include "policies/compatibility/cloud.hpp"

#include <algorithm>

#include "policies/compatibility/kernel_version.hpp"

namespace cvm {

namespace {

// facts.md, "Nodes, as the API shows them".
constexpr Provider kProviders[] = {
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

const Provider* find_provider(std::string_view name) {
  return std::find_if(std::begin(kProviders), std::end(kProviders),
                      [name](const Provider& provider) { return provider.name == name; });
}

const Provider* provider_of_id(std::string_view id) {
  const auto found =
      std::find_if(std::begin(kProviders), std::end(kProviders),
                   [id](const Provider& provider) { return id.starts_with(provider.provider_id); });
  return found == std::end(kProviders) ? nullptr : found;
}

HostingPlatform from_labels(const NodeFacts& node) {
  for (const Evidence& label : kLabels) {
    const auto first = node.labels.lower_bound(label.text);
    if (first == node.labels.end() || !first->first.starts_with(label.text)) continue;
    return {find_provider(label.provider), HostingSource::kLabel, "label " + first->first};
  }
  return {};
}

HostingPlatform from_kernel(const NodeFacts& node) {
  const auto kernel = parse_kernel_version(node.kernel_version);
  if (!kernel) return {};
  for (const Evidence& flavour : kKernelFlavours) {
    if (!kernel->has_flavour(flavour.text)) continue;
    return {find_provider(flavour.provider), HostingSource::kKernel,
            "kernel flavour " + std::string(flavour.text)};
  }
  return {};
}

}  // namespace

std::span<const Provider> providers() { return kProviders; }

HostingPlatform detect_hosting(const NodeFacts& node) {
  const Provider* by_id = provider_of_id(node.provider_id);
  HostingPlatform platform;
  if (by_id != nullptr) {
    platform = {by_id, HostingSource::kProviderId,
                "spec.providerID " + std::string(by_id->provider_id)};
  }
  if (platform.hosting() == Hosting::kCloud || platform.hosting() == Hosting::kVirtual) {
    return platform;
  }
  if (HostingPlatform cloud = from_labels(node); cloud.provider != nullptr) return cloud;
  if (HostingPlatform cloud = from_kernel(node); cloud.provider != nullptr) return cloud;
  return platform;
}

}  // namespace cvm
