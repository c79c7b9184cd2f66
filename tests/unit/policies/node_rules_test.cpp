// Every node rule on nodes as clouds and distributions make them; the suites under tests/policies
// ask the same through the engine.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>

#include "policies/compatibility/selinux.hpp"
#include "policies/rules/rules.hpp"

namespace cvm {

namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

NodeFacts node(std::string image, std::string kernel) {
  NodeFacts facts;
  facts.name = "node-1";
  facts.os_image = std::move(image);
  facts.kernel_version = std::move(kernel);
  facts.operating_system = "linux";
  facts.architecture = "amd64";
  facts.kubelet_version = "v1.33.1";
  return facts;
}

NodeFacts labelled(NodeFacts facts, std::string key, std::string value) {
  facts.labels[std::move(key)] = std::move(value);
  return facts;
}

// "" where the rule has nothing to say, else "deny: ..." and so on.
std::string outcome(const NodeRule& rule, const NodeFacts& facts, const Settings& settings = {}) {
  const auto problem = rule.check(facts, settings);
  if (!problem) return "";
  EXPECT_THAT(problem->message, Not(HasSubstr(facts.name)));
  return std::string(to_string(problem->action.value_or(rule.descriptor.default_action))) + ": " +
         problem->message;
}

Settings cached(bool autoload = false) {
  Settings settings;
  settings.caching = true;
  settings.autoload_shiftfs = autoload;
  return settings;
}

Settings unknown_shiftfs(UnknownAction action, bool caching = false) {
  Settings settings;
  settings.caching = caching;
  settings.nodes.shiftfs_unknown = action;
  return settings;
}

const NodeFacts kFocal = node("Ubuntu 20.04.6 LTS", "5.4.0-182-generic");
const NodeFacts kJammy = node("Ubuntu 22.04.3 LTS", "5.15.0-91-generic");
const NodeFacts kNoble = node("Ubuntu 24.04 LTS", "6.8.0-45-generic");
const NodeFacts kFlatcar =
    node("Flatcar Container Linux by Kinvolk 3510.2.0 (Oklo)", "5.10.226-flatcar");
const NodeFacts kAmazon2 = node("Amazon Linux 2", "5.15.148-97.161.amzn2.x86_64");
const NodeFacts kAmazon2023 = node("Amazon Linux 2023", "6.1.109-118.189.amzn2023.x86_64");
const NodeFacts kRocky = node("Rocky Linux 9.4 (Blue Onyx)", "5.14.0-427.13.1.el9_4.x86_64");
const NodeFacts kCos = node("Container-Optimized OS from Google", "6.1.85+");
const NodeFacts kOther = node("Some Linux 1", "6.1.0");
const NodeFacts kWindows = node("Windows Server 2022 Datacenter", "10.0.20348.2402");

constexpr const char* kNfdKernelLabel = "feature.node.kubernetes.io/kernel-version.full";

}  // namespace

TEST(NodeSelinux, GoesByTheLabelBeforeTheDistribution) {
  EXPECT_THAT(outcome(kNodeSelinux, labelled(kJammy, std::string(kSelinuxLabel), "true")),
              AllOf(HasSubstr("deny: SELinux is enabled"), HasSubstr("Ubuntu 22.04")));
  EXPECT_EQ(outcome(kNodeSelinux, labelled(kRocky, std::string(kSelinuxLabel), "false")), "");
  EXPECT_EQ(outcome(kNodeSelinux, labelled(kRocky, kNfdKernelLabel, "5.14.0")), "");
}

TEST(NodeSelinux, GoesByTheDistributionsDefaultWhereNothingLooked) {
  for (const NodeFacts& off : {kFocal, kJammy, kNoble, kFlatcar, kAmazon2, kCos, kWindows}) {
    EXPECT_EQ(outcome(kNodeSelinux, off), "") << off.os_image;
  }
  for (const NodeFacts& on : {kRocky, kAmazon2023}) {
    EXPECT_THAT(outcome(kNodeSelinux, on), AllOf(HasSubstr("deny: "), HasSubstr("by default"),
                                                 HasSubstr(std::string(kSelinuxLabel))));
  }
}

TEST(NodeSelinux, LeavesUnknownDistributionsToTheSettings) {
  EXPECT_EQ(outcome(kNodeSelinux, kOther), "");
  Settings settings;
  settings.nodes.selinux_unknown = UnknownAction::kWarn;
  EXPECT_THAT(outcome(kNodeSelinux, kOther, settings), HasSubstr("warn: "));
  settings.nodes.selinux_unknown = UnknownAction::kDeny;
  EXPECT_THAT(outcome(kNodeSelinux, kOther, settings),
              AllOf(HasSubstr("deny: "), HasSubstr("Some Linux 1")));
}

TEST(NodeKernel, AsksForTheDistributionsMinimum) {
  for (const NodeFacts& enough :
       {kFocal, kJammy, kNoble, kFlatcar, kAmazon2, kAmazon2023, kRocky, kCos, kOther, kWindows,
        node("Debian GNU/Linux 11 (bullseye)", "5.10.0-28-amd64"),
        node("Ubuntu 20.04.6 LTS", "5.4.0"), node("Some Linux 1", "5.12.0")}) {
    EXPECT_EQ(outcome(kNodeKernel, enough), "") << enough.os_image << " " << enough.kernel_version;
  }
  EXPECT_EQ(outcome(kNodeKernel, node("Ubuntu 22.04.3 LTS", "5.4.0-182-generic")),
            "deny: kernel 5.4.0-182-generic (Ubuntu 22.04) is too old for CVMs; upgrade it to "
            "5.15 or later");
  for (const NodeFacts& old :
       {node("Ubuntu 20.04.6 LTS", "5.3.99"), node("Ubuntu 24.04 LTS", "6.7.12"),
        node("Debian GNU/Linux 10 (buster)", "4.19.0-26-amd64"),
        node("Debian GNU/Linux 12 (bookworm)", "5.11.22"),
        node("Flatcar Container Linux by Kinvolk 2000", "5.9.1-flatcar"),
        node("Rocky Linux 8.9", "4.18.0-553.el8_10.x86_64"),
        node("CentOS Linux 7 (Core)", "3.10.0"),
        node("Amazon Linux 2", "5.10.226-214.879.amzn2.x86_64"),
        node("Amazon Linux 2023", "5.15.1"), node("Some Linux 1", "5.11.22"), node("", "5.11")}) {
    EXPECT_THAT(outcome(kNodeKernel, old), HasSubstr("too old")) << old.os_image;
  }
}

TEST(NodeKernel, WarnsWhereTheSourcesDisagree) {
  EXPECT_THAT(outcome(kNodeKernel, node("Ubuntu 18.04.6 LTS", "5.3.0-76-generic")),
              AllOf(HasSubstr("warn: "), HasSubstr("5.4 or later")));
  EXPECT_EQ(outcome(kNodeKernel, node("Ubuntu 18.04.6 LTS", "5.4.0-150-generic")), "");
  EXPECT_THAT(outcome(kNodeKernel, node("Ubuntu 18.04.6 LTS", "4.15.0-213-generic")),
              HasSubstr("deny: "));
}

TEST(NodeKernel, DoesNotGuessAtWhatItCannotRead) {
  EXPECT_EQ(outcome(kNodeKernel, node("Ubuntu 22.04.3 LTS", "5.x\n-generic")),
            "deny: kernel version \"5.x?-generic\" cannot be read; a version such as "
            "5.15.0-1051-aws is expected in status.nodeInfo.kernelVersion of the node");
  EXPECT_THAT(outcome(kNodeKernel, node("Ubuntu 22.04.3 LTS", "")), HasSubstr("\"\" cannot be"));
}

TEST(NodeShiftfs, IsNotNeededFrom512WithoutCaching) {
  for (const NodeFacts& free :
       {kJammy, kNoble, kAmazon2, kRocky, kOther, kWindows, node("Rocky Linux 9.4", "5.12.0")}) {
    EXPECT_EQ(outcome(kNodeShiftfs, free, unknown_shiftfs(UnknownAction::kDeny)), "");
  }
}

TEST(NodeShiftfs, MustExistForOldKernelsWithoutCaching) {
  EXPECT_THAT(outcome(kNodeShiftfs, node("Rocky Linux 8.9", "5.11.0")),
              AllOf(HasSubstr("deny: kernels before 5.12 need"), HasSubstr("Rocky Linux 8.9"),
                    HasSubstr("upgrade the kernel to 5.12")));
  EXPECT_THAT(outcome(kNodeShiftfs, node("Some Linux 1", "5.11.0")), HasSubstr("no such module"));
  for (const NodeFacts& has : {kFocal, kFlatcar, node("Debian GNU/Linux 11", "5.10.0-28-amd64")}) {
    EXPECT_EQ(outcome(kNodeShiftfs, has), "");
    EXPECT_THAT(outcome(kNodeShiftfs, has, unknown_shiftfs(UnknownAction::kWarn)),
                AllOf(HasSubstr("warn: "), HasSubstr("cvm-webhook.io/shiftfs=true")));
    EXPECT_THAT(outcome(kNodeShiftfs, has, unknown_shiftfs(UnknownAction::kDeny)),
                HasSubstr("deny: "));
  }
}

TEST(NodeShiftfs, IsPresentOrNotAsTheLabelSays) {
  EXPECT_EQ(outcome(kNodeShiftfs, labelled(kFocal, "cvm-webhook.io/shiftfs", "true"),
                    unknown_shiftfs(UnknownAction::kDeny)),
            "");
  EXPECT_THAT(outcome(kNodeShiftfs, labelled(kFocal, "cvm-webhook.io/shiftfs", "false")),
              HasSubstr("deny: "));
  EXPECT_EQ(outcome(kNodeShiftfs, labelled(kNoble, "cvm-webhook.io/shiftfs", "true"), cached()),
            "");
}

TEST(NodeShiftfs, IsNeededWhateverTheKernelWithCaching) {
  EXPECT_EQ(outcome(kNodeShiftfs, kJammy, cached()), "");
  EXPECT_THAT(outcome(kNodeShiftfs, kJammy, unknown_shiftfs(UnknownAction::kWarn, true)),
              HasSubstr("warn: a cached CVM needs"));
  for (const NodeFacts& without : {kAmazon2, kAmazon2023, kRocky, kNoble, kCos, kOther}) {
    EXPECT_THAT(outcome(kNodeShiftfs, without, cached(true)),
                AllOf(HasSubstr("deny: "), HasSubstr("no such module")))
        << without.os_image;
  }
  EXPECT_THAT(outcome(kNodeShiftfs, labelled(kJammy, "cvm-webhook.io/shiftfs", "false"), cached()),
              HasSubstr("not loaded"));
  EXPECT_EQ(outcome(kNodeShiftfs, kWindows, cached()), "");
}

TEST(NodeShiftfs, IsBuiltForSomeKernelsOnly) {
  EXPECT_THAT(outcome(kNodeShiftfs, node("Debian GNU/Linux 12", "6.3.0"), cached(true)),
              HasSubstr("cannot be built for"));
  EXPECT_THAT(outcome(kNodeShiftfs, node("Ubuntu 18.04.6 LTS", "5.3.0-76"), cached(true)),
              HasSubstr("cannot be built for"));
  EXPECT_EQ(outcome(kNodeShiftfs, node("Debian GNU/Linux 12", "6.2.16"), cached(true)), "");
  EXPECT_EQ(outcome(kNodeShiftfs, node("Ubuntu 20.04.6 LTS", "5.4.0"), cached(true)), "");
  EXPECT_EQ(outcome(kNodeShiftfs, node("Ubuntu 22.04 LTS", "5.16.0"), cached(true)), "");
}

TEST(NodeShiftfs, DoesNotHelpTheKernelsOfEks) {
  const NodeFacts eks = node("Ubuntu 22.04.3 LTS", "5.15.0-1051-aws");
  EXPECT_EQ(outcome(kNodeShiftfs, eks), "");
  EXPECT_THAT(outcome(kNodeShiftfs, eks, cached(true)), HasSubstr("deny: cached CVMs do not work"));
  EXPECT_THAT(outcome(kNodeShiftfs, labelled(eks, "cvm-webhook.io/shiftfs", "true"), cached()),
              HasSubstr("deny: cached CVMs do not work"));
  EXPECT_EQ(outcome(kNodeShiftfs, node("Ubuntu 20.04.6 LTS", "5.13.0-1031-aws"), cached()), "");
}

TEST(NodeShiftfs, IsLoadedBySupervisorsUnlessSecureBootIsOn) {
  const NodeFacts secure = labelled(kJammy, "cvm-webhook.io/secure-boot", "true");
  Settings autoload = cached(true);
  autoload.nodes.shiftfs_unknown = UnknownAction::kDeny;
  EXPECT_EQ(outcome(kNodeShiftfs, kJammy, autoload), "");
  EXPECT_EQ(outcome(kNodeShiftfs, labelled(kJammy, "cvm-webhook.io/shiftfs", "false"), autoload),
            "");
  EXPECT_THAT(outcome(kNodeShiftfs, secure, autoload), HasSubstr("deny: "));
  EXPECT_THAT(outcome(kNodeShiftfs, secure, autoload), HasSubstr("secure boot"));
  EXPECT_EQ(outcome(kNodeShiftfs, labelled(secure, "cvm-webhook.io/shiftfs", "true"), autoload),
            "");
  EXPECT_EQ(outcome(kNodeShiftfs, secure), "");
}

TEST(NodeShiftfs, IsNotKnownOnANodeThatSaysNothing) {
  const NodeFacts silent = node("", "5.15.0");
  EXPECT_EQ(outcome(kNodeShiftfs, silent, cached()), "");
  EXPECT_THAT(outcome(kNodeShiftfs, silent, unknown_shiftfs(UnknownAction::kDeny, true)),
              HasSubstr("deny: "));
}

TEST(NodeArchitecture, IsAmd64OrArm64) {
  NodeFacts facts = kJammy;
  for (const char* good : {"amd64", "arm64", ""}) {
    facts.architecture = good;
    EXPECT_EQ(outcome(kNodeArchitecture, facts), "");
  }
  for (const char* bad : {"ppc64le", "s390x", "riscv64", "arm", "386", "AMD64"}) {
    facts.architecture = bad;
    EXPECT_THAT(outcome(kNodeArchitecture, facts),
                AllOf(HasSubstr("deny: "), HasSubstr(bad), HasSubstr("amd64 or arm64")));
  }
  facts.architecture = "";
  EXPECT_THAT(outcome(kNodeArchitecture, labelled(facts, "kubernetes.io/arch", "s390x")),
              HasSubstr("s390x"));
}

TEST(NodeOs, NamesTheSystemsThatCannotHostCvms) {
  EXPECT_THAT(outcome(kNodeOs, kWindows), HasSubstr("deny: Windows"));
  EXPECT_THAT(outcome(kNodeOs, kCos), AllOf(HasSubstr("Container-Optimized"), HasSubstr("Ubuntu")));
  EXPECT_THAT(outcome(kNodeOs, node("Bottlerocket OS 1.20.0", "6.1.1")), HasSubstr("Bottlerocket"));
  EXPECT_THAT(outcome(kNodeOs, node("Talos (v1.7.0)", "6.6.52-talos")), HasSubstr("Talos"));
  EXPECT_THAT(outcome(kNodeOs, node("Red Hat Enterprise Linux CoreOS 414.92", "5.14.0")),
              HasSubstr("OpenShift"));
  EXPECT_THAT(outcome(kNodeOs, labelled(kRocky, "node.openshift.io/os_id", "rhel")),
              HasSubstr("OpenShift"));
  EXPECT_THAT(outcome(kNodeOs, labelled(kOther, "doks.digitalocean.com/node-pool", "x")),
              HasSubstr("DigitalOcean"));
  EXPECT_THAT(outcome(kNodeOs, labelled(kOther, "feature.node.kubernetes.io/system-os_release.ID",
                                        "bottlerocket")),
              HasSubstr("Bottlerocket"));
  NodeFacts droplet = kJammy;
  droplet.provider_id = "digitalocean://1";
  EXPECT_THAT(outcome(kNodeOs, droplet), HasSubstr("DigitalOcean"));
  for (const NodeFacts& good : {kJammy, kFlatcar, kAmazon2, kRocky, kOther}) {
    EXPECT_EQ(outcome(kNodeOs, good), "");
  }
}

TEST(NodeKubernetesVersion, Is118OrLaterInAzure) {
  NodeFacts aks = labelled(kJammy, "kubernetes.azure.com/cluster", "c");
  EXPECT_EQ(outcome(kNodeKubernetesVersion, aks), "");
  aks.kubelet_version = "v1.18.0";
  EXPECT_EQ(outcome(kNodeKubernetesVersion, aks), "");
  aks.kubelet_version = "v1.17.16";
  EXPECT_EQ(outcome(kNodeKubernetesVersion, aks),
            "deny: Kubernetes v1.17.16 on Azure Kubernetes Service does not support CVMs; upgrade "
            "it to 1.18 or later");
  aks.kubelet_version = "v1.9.11";
  EXPECT_THAT(outcome(kNodeKubernetesVersion, aks), HasSubstr("deny: "));
  aks.kubelet_version = "latest";
  EXPECT_THAT(outcome(kNodeKubernetesVersion, aks), HasSubstr("\"latest\" cannot be read"));
  NodeFacts elsewhere = kJammy;
  elsewhere.kubelet_version = "v1.17.16";
  EXPECT_EQ(outcome(kNodeKubernetesVersion, elsewhere), "");
}

TEST(GpuCloud, KeepsGpusOffCloudNodesThatTheSettingsDoNotAllow) {
  NodeFacts gke = kJammy;
  gke.provider_id = "gce://p/z/n";
  EXPECT_EQ(outcome(kGpuCloud, gke),
            "deny: GPUs in CVMs do not work on cloud nodes: Google Cloud (spec.providerID gce://); "
            "choose bare metal nodes, or remove the GPU from the pod's resources");
  Settings settings;
  settings.gpu.allow_clouds = {"aws"};
  EXPECT_THAT(outcome(kGpuCloud, gke, settings), HasSubstr("deny: "));
  settings.gpu.allow_clouds = {"aws", "gce"};
  EXPECT_EQ(outcome(kGpuCloud, gke, settings), "");
  EXPECT_TRUE(kGpuCloud.gpu_pods_only);
}

TEST(GpuCloud, WarnsOfVirtualMachinesAndPassesBareMetal) {
  NodeFacts facts = kJammy;
  facts.provider_id = "vsphere://42";
  EXPECT_THAT(outcome(kGpuCloud, facts),
              AllOf(HasSubstr("warn: "), HasSubstr("virtual, not bare metal")));
  for (const char* metal : {"metal3://x", "equinixmetal://x", "kind://x", "baremetal", ""}) {
    facts.provider_id = metal;
    EXPECT_EQ(outcome(kGpuCloud, facts), "");
  }
}

}  // namespace cvm
