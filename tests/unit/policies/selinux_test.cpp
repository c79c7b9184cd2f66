#include "policies/compatibility/selinux.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace cvm {

namespace {

NodeFacts node_of_image(std::string os_image,
                        std::map<std::string, std::string, std::less<>> labels) {
  NodeFacts node;
  node.os_image = std::move(os_image);
  node.labels = std::move(labels);
  return node;
}

constexpr const char* kRockyImage = "Rocky Linux 9.4 (Blue Onyx)";
constexpr const char* kUbuntuImage = "Ubuntu 22.04.5 LTS";

}  // namespace

TEST(Selinux, IsAsTheLabelSays) {
  const std::string label(kSelinuxLabel);
  const Selinux on = detect_selinux(node_of_image(kUbuntuImage, {{label, "true"}}));
  EXPECT_EQ(on.state, SelinuxState::kOn);
  EXPECT_EQ(on.source, SelinuxSource::kLabel);
  EXPECT_EQ(on.evidence, "label feature.node.kubernetes.io/kernel-selinux.enabled");
  const Selinux off = detect_selinux(node_of_image(kRockyImage, {{label, "false"}}));
  EXPECT_EQ(off.state, SelinuxState::kOff);
  EXPECT_EQ(off.source, SelinuxSource::kLabel);
  EXPECT_EQ(detect_selinux(node_of_image(kRockyImage, {{label, "?"}})).state, SelinuxState::kOn);
}

TEST(Selinux, IsOffWhereNodeFeatureDiscoveryLookedAndSawNone) {
  const Selinux seen = detect_selinux(
      node_of_image(kRockyImage, {{"feature.node.kubernetes.io/kernel-version.full", "5.14.0"}}));
  EXPECT_EQ(seen.state, SelinuxState::kOff);
  EXPECT_EQ(seen.source, SelinuxSource::kLabel);
  EXPECT_EQ(seen.evidence,
            "no label feature.node.kubernetes.io/kernel-selinux.enabled beside those of Node "
            "Feature Discovery");
}

TEST(Selinux, IsTheDistributionsDefaultElse) {
  const Selinux rocky = detect_selinux(node_of_image(kRockyImage, {}));
  EXPECT_EQ(rocky.state, SelinuxState::kOn);
  EXPECT_EQ(rocky.source, SelinuxSource::kDistribution);
  EXPECT_EQ(rocky.evidence, "default of Rocky Linux 9.4");
  EXPECT_EQ(detect_selinux(node_of_image(kUbuntuImage, {})).state, SelinuxState::kOff);
  const Selinux unknown = detect_selinux(node_of_image("Homemade 1", {}));
  EXPECT_EQ(unknown.state, SelinuxState::kUnknown);
  EXPECT_EQ(unknown.source, SelinuxSource::kNone);
  EXPECT_EQ(unknown.evidence, "");
}

TEST(Selinux, IsAsARowOfTheSettingsSays) {
  Compatibility compatibility;
  compatibility.distributions.push_back({"rocky", "9", "", {}, {}, SelinuxDefault::kOff});
  EXPECT_EQ(detect_selinux(node_of_image(kRockyImage, {}), compatibility).state,
            SelinuxState::kOff);
}

TEST(Selinux, IsOffOnWindows) {
  EXPECT_EQ(detect_selinux(node_of_image("Windows Server 2022", {})).state, SelinuxState::kOff);
}

}  // namespace cvm
