#include <gtest/gtest.h>

#include <string>

#include "webhook/config/settings_file.hpp"

namespace cvm::webhook {
namespace {

SettingsResult parse_rows(std::string_view rows) {
  return parse_settings_body("compatibility:\n" + std::string(rows));
}

TEST(SettingsCompatibility, ReadsRowsOfEveryTable) {
  const SettingsResult result = parse_rows(R"(
  distributions:
  - {id: nixos, version: "23.11", minimumKernel: "6.1.5", shiftfs: none, selinux: off}
  - {id: ubuntu, minimumKernel: "5.19"}
  - {id: ol, osImage: Oracle Linux Server}
  kernels:
  - {from: "6.1.75", below: "6.1.80", flavour: aws, action: deny, reason: it loses mounts}
  - {from: "4.18", action: allow}
  clouds:
  - {name: example, title: Example Cloud, providerID: "example://", hosting: virtual}
  - {name: other, providerID: other}
  gpus:
  - {resource: example.com/gpu, vendor: amd}
  - {resource: nvidia.com/mig-*, vendor: nvidia}
)");
  EXPECT_EQ(result.describe("f"), "");
  const Compatibility& rows = result.settings.compatibility;
  ASSERT_EQ(rows.distributions.size(), 3U);
  EXPECT_EQ(rows.distributions[0].version, "23.11");
  EXPECT_EQ(rows.distributions[0].minimum_kernel, (VersionNumber{6, 1, 5}));
  EXPECT_EQ(rows.distributions[0].shiftfs, ShiftfsModule::kNone);
  EXPECT_EQ(rows.distributions[0].selinux, SelinuxDefault::kOff);
  EXPECT_EQ(rows.distributions[1].version, "");
  EXPECT_EQ(rows.distributions[1].shiftfs, std::nullopt);
  EXPECT_EQ(rows.distributions[1].selinux, std::nullopt);
  EXPECT_EQ(rows.distributions[2].os_image, "Oracle Linux Server");
  EXPECT_EQ(rows.distributions[2].minimum_kernel, std::nullopt);
  ASSERT_EQ(rows.kernels.size(), 2U);
  EXPECT_EQ(rows.kernels[0].below, (VersionNumber{6, 1, 80}));
  EXPECT_EQ(rows.kernels[0].reason, "it loses mounts");
  EXPECT_EQ(rows.kernels[1].action, KernelAction::kAllow);
  EXPECT_EQ(rows.kernels[1].below, std::nullopt);
  ASSERT_EQ(rows.clouds.size(), 2U);
  EXPECT_EQ(rows.clouds[0].hosting, Hosting::kVirtual);
  EXPECT_EQ(rows.clouds[1].title, "other");
  ASSERT_EQ(rows.gpus.size(), 2U);
  EXPECT_EQ(rows.gpus[0].vendor, GpuVendor::kAmd);
}

TEST(SettingsCompatibility, NamesTheRowOfEveryMistake) {
  const SettingsResult result = parse_rows(R"(  distributions:
  - {id: debian, version: "12", minimumKernel: "5.10"}
  - {id: ubuntu, version: "22.04", minimumKernel: x}
  - {id: ubuntu, minimumKernel: 5.15, shiftfs: absent}
  - {version: "1"}
  - {id: debian, version: "12", minimumKernel: "6.1"}
  kernels:
  - {from: "5.15", below: "5.4", action: forbid}
  - {action: deny}
  clouds:
  - {name: example, providerID: "example://region/node"}
  gpus:
  - {resource: gpu, vendor: nvida}
  - text
  nodes: []
)");
  EXPECT_EQ(
      result.describe("f"),
      "f:4:51: compatibility.distributions[1] (ubuntu 22.04): minimumKernel: expected a version "
      "such as 5.15, found \"x\"\n"
      "f:5:33: compatibility.distributions[2] (ubuntu): minimumKernel: expected a version such as "
      "5.15, found the number 5.15; quote it\n"
      "f:5:48: compatibility.distributions[2] (ubuntu): shiftfs: expected packaged, none or "
      "unknown, found \"absent\"\n"
      "f:6:5: compatibility.distributions[3] (1): expected osImage, minimumKernel, shiftfs or "
      "selinux, "
      "found none\n"
      "f:6:5: compatibility.distributions[3] (1): expected the key id, found none\n"
      "f:7:5: compatibility.distributions[4] (debian 12): is given twice\n"
      "f:9:5: compatibility.kernels[0] (5.15 to 5.4): expected below to be greater than from: no "
      "kernel would be meant\n"
      "f:9:42: compatibility.kernels[0] (5.15 to 5.4): action: expected deny, warn or allow, found "
      "\"forbid\"\n"
      "f:10:5: compatibility.kernels[1]: expected from, below or flavour, found none: every kernel "
      "would be meant\n"
      "f:12:33: compatibility.clouds[0] (example): providerID: expected how spec.providerID "
      "begins, "
      "such as aws://, found \"example://region/node\"\n"
      "f:14:16: compatibility.gpus[0] (gpu): resource: expected a resource such as nvidia.com/gpu "
      "or nvidia.com/mig-*, found \"gpu\"\n"
      "f:14:29: compatibility.gpus[0] (gpu): vendor: expected nvidia, amd or intel, found "
      "\"nvida\"; did you mean nvidia?\n"
      "f:15:5: compatibility.gpus[1]: expected a map, found \"text\"\n"
      "f:16:3: compatibility.nodes: unknown key");
}

TEST(SettingsCompatibility, TakesResourcesByTheirBeginning) {
  for (const char* resource : {"gpu.intel.com/*", "nvidia.com/mig-*", "example.com/gpu"}) {
    EXPECT_TRUE(
        parse_rows("  gpus: [{resource: \"" + std::string(resource) + "\", vendor: amd}]").ok())
        << resource;
  }
  for (const char* resource : {"*", "gpu*", "/gpu", "example.com/*x", "example.com/"}) {
    EXPECT_FALSE(
        parse_rows("  gpus: [{resource: \"" + std::string(resource) + "\", vendor: amd}]").ok())
        << resource;
  }
}

TEST(SettingsCompatibility, OfCloudsMayBeNamedByAllowClouds) {
  const SettingsResult result = parse_settings_body(
      "gpu: {allowClouds: [example]}\n"
      "compatibility: {clouds: [{name: example, providerID: \"example://\"}]}\n");
  EXPECT_EQ(result.describe("f"), "");
  EXPECT_EQ(result.settings.gpu.allow_clouds, std::vector<std::string>{"example"});
}

}  // namespace
}  // namespace cvm::webhook
