#include "policies/compatibility/distribution.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace cvm {

namespace {

NodeFacts with_image(std::string image) {
  NodeFacts node;
  node.os_image = std::move(image);
  return node;
}

NodeFacts with_nfd(std::string id, std::string version, std::string image = "") {
  NodeFacts node = with_image(std::move(image));
  node.labels["feature.node.kubernetes.io/system-os_release.ID"] = std::move(id);
  node.labels["feature.node.kubernetes.io/system-os_release.VERSION_ID"] = std::move(version);
  return node;
}

}  // namespace

TEST(Distribution, IsReadFromTheImageTextOfEachDistribution) {
  struct {
    const char *image, *id, *version, *name;
  } const cases[] = {
      {"Ubuntu 22.04.3 LTS", "ubuntu", "22.04", "Ubuntu 22.04"},
      {"Ubuntu 24.04 LTS", "ubuntu", "24.04", "Ubuntu 24.04"},
      {"Ubuntu Core 22", "ubuntu-core", "22", "Ubuntu Core 22"},
      {"Debian GNU/Linux 12 (bookworm)", "debian", "12", "Debian 12"},
      {"Debian GNU/Linux trixie/sid", "debian", "", "Debian"},
      {"Flatcar Container Linux by Kinvolk 3815.2.0 (Oklo)", "flatcar", "3815.2.0",
       "Flatcar Container Linux 3815.2.0"},
      {"Fedora Linux 37 (Workstation Edition)", "fedora", "37", "Fedora 37"},
      {"Fedora CoreOS 38.20230609.3.0", "fedora", "38", "Fedora 38"},
      {"Rocky Linux 8.9 (Green Obsidian)", "rocky", "8.9", "Rocky Linux 8.9"},
      {"AlmaLinux 9.3 (Shamrock Pampas Cat)", "almalinux", "9.3", "AlmaLinux 9.3"},
      {"CentOS Stream 9", "centos", "9", "CentOS Stream 9"},
      {"CentOS Linux 7 (Core)", "centos", "7", "CentOS 7"},
      {"Amazon Linux 2", "amzn", "2", "Amazon Linux 2"},
      {"Amazon Linux 2023.4.20240416", "amzn", "2023", "Amazon Linux 2023"},
      {"Red Hat Enterprise Linux 8.9 (Ootpa)", "rhel", "8.9", "Red Hat Enterprise Linux 8.9"},
      {"Red Hat Enterprise Linux CoreOS 414.92.202309282257-0 (Plow)", "rhcos", "414.92",
       "Red Hat Enterprise Linux CoreOS 414.92"},
      {"Container-Optimized OS from Google", "cos", "", "Container-Optimized OS"},
      {"Bottlerocket OS 1.20.0 (aws-k8s-1.29)", "bottlerocket", "1.20.0", "Bottlerocket 1.20.0"},
      {"Talos (v1.7.0)", "talos", "1.7.0", "Talos 1.7.0"},
      {"SUSE Linux Enterprise Server 15 SP5", "", "", "SUSE Linux Enterprise Server 15 SP5"},
      {"", "", "", ""},
  };
  for (const auto& expected : cases) {
    SCOPED_TRACE(expected.image);
    const Distribution distribution = detect_distribution(with_image(expected.image));
    EXPECT_EQ(distribution.id, expected.id);
    EXPECT_EQ(distribution.version, expected.version);
    EXPECT_EQ(distribution.name, expected.name);
  }
}

TEST(Distribution, IsWhatNodeFeatureDiscoverySaysWhereBothSpeak) {
  const Distribution distribution =
      detect_distribution(with_nfd("ubuntu", "20.04", "Debian GNU/Linux 12 (bookworm)"));
  EXPECT_EQ(distribution.id, "ubuntu");
  EXPECT_EQ(distribution.version, "20.04");
  EXPECT_EQ(distribution.name, "Ubuntu 20.04");
}

TEST(Distribution, IsCalledAsItCallsItselfWhenWeHaveNoNameForIt) {
  EXPECT_EQ(detect_distribution(with_nfd("nixos", "23.11")).name, "nixos 23.11");
}

TEST(Distribution, IsRhcosWhereOsReleaseSaysRhelAndTheImageCoreos) {
  const NodeFacts node =
      with_nfd("rhel", "9.6", "Red Hat Enterprise Linux CoreOS 9.6.20250826-1 (Plow)");
  EXPECT_EQ(detect_distribution(node).id, "rhcos");
}

TEST(Distribution, MakesEqualNamesOfEqualNodes) {
  EXPECT_EQ(detect_distribution(with_image("Ubuntu 22.04.3 LTS")).name,
            detect_distribution(with_nfd("ubuntu", "22.04", "Ubuntu 22.04.5 LTS")).name);
}

TEST(Distribution, IsCutAndCleanedWhereANodeSaysNonsense) {
  const std::string name =
      detect_distribution(with_image("Bad \"OS\"\n" + std::string(5000, 'x'))).name;
  EXPECT_LT(name.size(), 80U);
  EXPECT_TRUE(name.starts_with("Bad ?OS??")) << name;
}

TEST(Distribution, KnowsWindowsByAnyOfItsThreeSigns) {
  NodeFacts node;
  EXPECT_FALSE(runs_windows(node));
  node.operating_system = "windows";
  EXPECT_TRUE(runs_windows(node));
  EXPECT_TRUE(runs_windows(with_image("Windows Server 2022 Datacenter")));
  NodeFacts labelled;
  labelled.labels["kubernetes.io/os"] = "windows";
  EXPECT_TRUE(runs_windows(labelled));
}

TEST(DistributionMatrix, HoldsWhatTheDocumentationLists) {
  struct {
    const char *id, *version;
    VersionNumber kernel;
    ShiftfsModule shiftfs;
    SelinuxDefault selinux;
  } const cases[] = {
      {"ubuntu", "24.04", {6, 8}, ShiftfsModule::kNone, SelinuxDefault::kOff},
      {"ubuntu", "22.04", {5, 15}, ShiftfsModule::kPackaged, SelinuxDefault::kOff},
      {"ubuntu", "20.04", {5, 4}, ShiftfsModule::kPackaged, SelinuxDefault::kOff},
      {"ubuntu", "18.04", {5, 3}, ShiftfsModule::kPackaged, SelinuxDefault::kOff},
      {"ubuntu", "23.10", {5, 12}, ShiftfsModule::kPackaged, SelinuxDefault::kOff},
      {"debian", "10", {5, 5}, ShiftfsModule::kPackaged, SelinuxDefault::kOff},
      {"debian", "11", {5, 5}, ShiftfsModule::kPackaged, SelinuxDefault::kOff},
      {"debian", "12", {5, 12}, ShiftfsModule::kPackaged, SelinuxDefault::kOff},
      {"flatcar", "3815.2.0", {5, 10}, ShiftfsModule::kPackaged, SelinuxDefault::kOff},
      {"fedora", "36", {5, 12}, ShiftfsModule::kNone, SelinuxDefault::kOn},
      {"rocky", "8.9", {5, 12}, ShiftfsModule::kNone, SelinuxDefault::kOn},
      {"almalinux", "9.3", {5, 12}, ShiftfsModule::kNone, SelinuxDefault::kOn},
      {"centos", "9", {5, 12}, ShiftfsModule::kNone, SelinuxDefault::kOn},
      {"rhel", "9.4", {5, 12}, ShiftfsModule::kNone, SelinuxDefault::kOn},
      {"amzn", "2", {5, 12}, ShiftfsModule::kNone, SelinuxDefault::kOff},
      {"amzn", "2023", {6, 1}, ShiftfsModule::kNone, SelinuxDefault::kOn},
      {"bottlerocket", "1.20.0", {5, 12}, ShiftfsModule::kNone, SelinuxDefault::kOn},
      {"nixos", "23.11", {5, 12}, ShiftfsModule::kNone, SelinuxDefault::kUnknown},
  };
  for (const auto& expected : cases) {
    SCOPED_TRACE(std::string(expected.id) + " " + expected.version);
    const DistributionSupport& row = find_support({expected.id, expected.version, expected.id});
    EXPECT_EQ(row.minimum_kernel, expected.kernel);
    EXPECT_EQ(row.shiftfs, expected.shiftfs);
    EXPECT_EQ(row.selinux, expected.selinux);
  }
}

TEST(DistributionMatrix, TakesAVersionForTheWholeOfItsNumber) {
  EXPECT_EQ(find_support({"debian", "110", "Debian 110"}).version, "");
  EXPECT_EQ(find_support({"amzn", "2023.4", "Amazon Linux"}).minimum_kernel, (VersionNumber{6, 1}));
}

TEST(DistributionMatrix, KnowsNothingOfANodeThatSaysNothing) {
  const DistributionSupport& row = find_support({});
  EXPECT_EQ(row.shiftfs, ShiftfsModule::kUnknown);
  EXPECT_EQ(row.selinux, SelinuxDefault::kUnknown);
  EXPECT_EQ(row.minimum_kernel, (VersionNumber{5, 12}));
}

TEST(DistributionMatrix, EndsEveryDistributionWithARowForItsOtherVersions) {
  for (const DistributionSupport& row : distribution_matrix()) {
    EXPECT_EQ(find_support({std::string(row.id), "987", "x"}).id, row.id);
  }
}

TEST(DistributionMatrix, GivesWayToRowsOfTheSettingsWithTheSameKey) {
  const Distribution jammy{"ubuntu", "22.04", "Ubuntu 22.04"};
  Compatibility rows;
  rows.distributions = {
      {"ubuntu", "", "", VersionNumber{7, 0}, ShiftfsModule::kNone, SelinuxDefault::kOn},
      {"nixos", "23", "", VersionNumber{6, 1}, {}, SelinuxDefault::kOff},
  };
  // The matrix has a row for this very version.
  EXPECT_EQ(find_support(jammy, rows).minimum_kernel, (VersionNumber{5, 15}));
  EXPECT_EQ(find_support({"ubuntu", "23.10", "x"}, rows).minimum_kernel, (VersionNumber{7, 0}));
  EXPECT_EQ(find_support({"nixos", "23.11", "x"}, rows).selinux, SelinuxDefault::kOff);
  EXPECT_EQ(find_support({"nixos", "24.05", "x"}, rows).selinux, SelinuxDefault::kUnknown);
  rows.distributions.push_back({"ubuntu", "22.04", "", VersionNumber{5, 19}, {}, {}});
  EXPECT_EQ(find_support(jammy, rows).minimum_kernel, (VersionNumber{5, 19}));
  EXPECT_EQ(find_support(jammy, rows).undisputed_kernel, (VersionNumber{5, 19}));
  // What the row leaves out is as built in.
  EXPECT_EQ(find_support(jammy, rows).shiftfs, ShiftfsModule::kPackaged);
  EXPECT_EQ(find_support(jammy, rows).selinux, SelinuxDefault::kOff);
}

TEST(DistributionMatrix, TakesSystemsFromTheSettingsByTheirImage) {
  Compatibility rows;
  rows.distributions = {
      {"ol", "", "Oracle Linux Server", VersionNumber{5, 15}, {}, SelinuxDefault::kOn},
      {"ol", "8", "", VersionNumber{5, 4}, {}, {}},
      {"mine", "", "Ubuntu", {}, {}, SelinuxDefault::kOn},
      {"rhel", "", "Red Hat Enterprise Linux", {}, {}, SelinuxDefault::kOff},
      {"ol-edge", "", "Oracle Linux Server Edge", VersionNumber{6, 6}, {}, {}},
  };
  const Distribution oracle = detect_distribution(with_image("Oracle Linux Server 8.9"), rows);
  EXPECT_EQ(oracle.id, "ol");
  EXPECT_EQ(oracle.name, "Oracle Linux Server 8.9");
  EXPECT_EQ(find_support(oracle, rows).minimum_kernel, (VersionNumber{5, 4}));
  const Distribution nine = detect_distribution(with_image("Oracle Linux Server 9.3"), rows);
  EXPECT_EQ(find_support(nine, rows).selinux, SelinuxDefault::kOn);
  EXPECT_EQ(detect_distribution(with_image("Oracle Linux Server Edge 1"), rows).id, "ol-edge");
  EXPECT_EQ(detect_distribution(with_image("Ubuntu 22.04.3 LTS"), rows).id, "mine");
  // What is known by a longer beginning stays what it is.
  EXPECT_EQ(detect_distribution(with_image("Ubuntu Core 22"), rows).id, "ubuntu-core");
  EXPECT_EQ(detect_distribution(with_image("Red Hat Enterprise Linux CoreOS 417"), rows).id,
            "rhcos");
  EXPECT_EQ(detect_distribution(with_image("Debian GNU/Linux 12"), rows).id, "debian");
}

}  // namespace cvm
