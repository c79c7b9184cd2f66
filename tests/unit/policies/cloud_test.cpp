#include "policies/compatibility/cloud.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "policies/model/gpu.hpp"

namespace cvm {

namespace {

NodeFacts node_with(std::string provider_id, std::string label = "", std::string kernel = "") {
  NodeFacts node;
  node.provider_id = std::move(provider_id);
  if (!label.empty()) node.labels[std::move(label)] = "x";
  node.kernel_version = std::move(kernel);
  return node;
}

std::string name_of(const HostingPlatform& platform) {
  return platform.provider == nullptr ? "" : std::string(platform.provider->name);
}

}  // namespace

TEST(Hosting, IsReadFromTheProviderId) {
  struct {
    const char *provider_id, *name;
    Hosting hosting;
  } const cases[] = {
      {"aws:///eu-west-1a/i-0abc", "aws", Hosting::kCloud},
      {"gce://project/europe-west1-b/node-1", "gce", Hosting::kCloud},
      {"azure:///subscriptions/x/vm/1", "azure", Hosting::kCloud},
      {"digitalocean://1234", "digitalocean", Hosting::kCloud},
      {"ibm://account///cluster/worker", "ibm", Hosting::kCloud},
      {"ocid1", "oci", Hosting::kCloud},
      {"alicloud://cn-hangzhou.i-1", "alicloud", Hosting::kCloud},
      {"hcloud://42", "hcloud", Hosting::kCloud},
      {"linode://42", "linode", Hosting::kCloud},
      {"vultr://42", "vultr", Hosting::kCloud},
      {"scaleway://instance/fr-par-1/x", "scaleway", Hosting::kCloud},
      {"openstack:///x", "openstack", Hosting::kCloud},
      {"vsphere://4217a", "vsphere", Hosting::kVirtual},
      {"metal3://ns/host/x", "metal3", Hosting::kBareMetal},
      {"equinixmetal://x", "equinixmetal", Hosting::kBareMetal},
      {"kind://docker/kind/worker", "kind", Hosting::kBareMetal},
      {"k3s://node", "k3s", Hosting::kBareMetal},
      {"baremetal", "baremetal", Hosting::kBareMetal},
      {"", "", Hosting::kUnknown},
      {"somewhere://else", "", Hosting::kUnknown},
  };
  for (const auto& expected : cases) {
    SCOPED_TRACE(expected.provider_id);
    const HostingPlatform platform = detect_hosting(node_with(expected.provider_id));
    EXPECT_EQ(name_of(platform), expected.name);
    EXPECT_EQ(platform.hosting(), expected.hosting);
    EXPECT_EQ(platform.source,
              platform.provider == nullptr ? HostingSource::kNone : HostingSource::kProviderId);
  }
}

TEST(Hosting, IsReadFromLabelsWhereNoProviderIdNamesACloud) {
  const HostingPlatform eks = detect_hosting(node_with("", "eks.amazonaws.com/nodegroup"));
  EXPECT_EQ(name_of(eks), "aws");
  EXPECT_EQ(eks.source, HostingSource::kLabel);
  EXPECT_EQ(eks.evidence, "label eks.amazonaws.com/nodegroup");
  EXPECT_EQ(name_of(detect_hosting(node_with("", "cloud.google.com/gke-nodepool"))), "gce");
  EXPECT_EQ(name_of(detect_hosting(node_with("", "kubernetes.azure.com/cluster"))), "azure");
  EXPECT_EQ(name_of(detect_hosting(node_with("kind://x", "kubernetes.azure.com/cluster"))),
            "azure");
  EXPECT_EQ(name_of(detect_hosting(node_with("", "kubernetes.azure.company/cluster"))), "");
}

TEST(Hosting, IsReadFromTheKernelLast) {
  const HostingPlatform aws = detect_hosting(node_with("", "", "5.15.0-1051-aws"));
  EXPECT_EQ(name_of(aws), "aws");
  EXPECT_EQ(aws.source, HostingSource::kKernel);
  EXPECT_EQ(aws.evidence, "kernel flavour aws");
  EXPECT_EQ(name_of(detect_hosting(node_with("", "", "5.4.0-1103-azure-fips"))), "azure");
  EXPECT_EQ(name_of(detect_hosting(node_with("", "", "6.5.0-1022-gcp"))), "gce");
  EXPECT_EQ(name_of(detect_hosting(node_with("", "", "6.5.0-1022-gke"))), "gce");
  EXPECT_EQ(name_of(detect_hosting(node_with("baremetal", "", "5.15.0-1051-aws"))), "aws");
  EXPECT_EQ(name_of(detect_hosting(node_with("", "", "5.15.0-91-generic"))), "");
  EXPECT_EQ(name_of(detect_hosting(node_with("", "", "not a kernel-aws"))), "");
}

TEST(Hosting, IsTheProviderIdsWhereSignsDisagree) {
  EXPECT_EQ(name_of(detect_hosting(node_with("vsphere://x", "eks.amazonaws.com/nodegroup"))),
            "vsphere");
  EXPECT_EQ(name_of(detect_hosting(node_with("gce://x", "", "5.15.0-1051-aws"))), "gce");
}

TEST(GpuVendor, IsToldByTheResourcesName) {
  EXPECT_EQ(gpu_vendor("nvidia.com/gpu"), GpuVendor::kNvidia);
  EXPECT_EQ(gpu_vendor("nvidia.com/gpu.shared"), GpuVendor::kNvidia);
  EXPECT_EQ(gpu_vendor("nvidia.com/mig-1g.5gb"), GpuVendor::kNvidia);
  EXPECT_EQ(gpu_vendor("amd.com/gpu"), GpuVendor::kAmd);
  EXPECT_EQ(gpu_vendor("gpu.intel.com/i915"), GpuVendor::kIntel);
  EXPECT_EQ(gpu_vendor("nvidia.com/gpus"), std::nullopt);
  EXPECT_EQ(gpu_vendor("cpu"), std::nullopt);
  EXPECT_EQ(gpu_vendor(""), std::nullopt);
}

TEST(Hosting, OfTheSettingsIsAddedToTheTableOrReplacesItsRow) {
  Compatibility rows;
  rows.clouds = {{"example", "Example Cloud", "example://", Hosting::kCloud},
                 {"openstack", "our OpenStack", "openstack://", Hosting::kBareMetal},
                 {"aws", "AWS Outposts", "outpost://", Hosting::kVirtual}};
  EXPECT_EQ(name_of(detect_hosting(node_with("example://"), rows)), "example");
  EXPECT_EQ(detect_hosting(node_with("openstack://"), rows).hosting(), Hosting::kBareMetal);
  EXPECT_EQ(detect_hosting(node_with("gce://"), rows).hosting(), Hosting::kCloud);
  // A row is replaced as a whole, for what labels and kernels say as well.
  EXPECT_EQ(name_of(detect_hosting(node_with("aws://"), rows)), "");
  EXPECT_EQ(detect_hosting(node_with("", "eks.amazonaws.com/nodegroup"), rows).hosting(),
            Hosting::kVirtual);
}

TEST(GpuVendor, OfTheSettingsGoesBeforeTheTable) {
  Compatibility rows;
  rows.gpus = {{"example.com/gpu", GpuVendor::kNvidia},
               {"nvidia.com/mig-*", GpuVendor::kAmd},
               {"gpu.intel.com/i915", GpuVendor::kNvidia}};
  EXPECT_EQ(gpu_vendor("example.com/gpu", rows), GpuVendor::kNvidia);
  EXPECT_EQ(gpu_vendor("example.com/gpu2", rows), std::nullopt);
  EXPECT_EQ(gpu_vendor("nvidia.com/mig-1g.5gb", rows), GpuVendor::kAmd);
  EXPECT_EQ(gpu_vendor("gpu.intel.com/i915", rows), GpuVendor::kNvidia);
  EXPECT_EQ(gpu_vendor("gpu.intel.com/xe", rows), GpuVendor::kIntel);
}

}  // namespace cvm
