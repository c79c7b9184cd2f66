#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "webhook/config/settings_file.hpp"
#include "webhook/config/settings_schema.hpp"

namespace cvm::webhook {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ProfiledSettings usable(std::string_view text) {
  const SettingsResult result = parse_settings_body(text);
  EXPECT_EQ(result.describe("f"), "");
  return result.settings;
}

TEST(SettingsMode, GivesTheRuntimeClassItsDefault) {
  EXPECT_EQ(usable("").runtime_class_name, "cvm");
  EXPECT_EQ(usable("mode: supervised").runtime_class_name, "cvm");
  EXPECT_EQ(usable("mode: native").runtime_class_name, "sysbox-runc");
  EXPECT_EQ(usable("mode: native").mode, Mode::kNative);
}

TEST(SettingsMode, LetsTheRuntimeClassBeNamedBeforeOrAfter) {
  EXPECT_EQ(usable("mode: native\nruntimeClassName: x").runtime_class_name, "x");
  EXPECT_EQ(usable("runtimeClassName: sysbox-runc\nmode: native").runtime_class_name,
            "sysbox-runc");
  for (const char* text : {"runtimeClassName: sysbox-runc\nmode: supervised",
                           "mode: supervised\nruntimeClassName: sysbox-runc"}) {
    EXPECT_THAT(parse_settings_body(text).describe("f"), HasSubstr("or set mode: native"));
  }
}

TEST(SettingsMode, NotesWhatHasNoEffectInNative) {
  const auto notices = [](std::string_view text) { return parse_settings_body(text).notices; };
  EXPECT_THAT(
      notices("mode: native\ncaching: false\nnetwork: {cidr: 172.19.0.0/30}\n"
              "supervisor: {placement: sidecar}\nhostPaths: {}\nrules: {plan-changed: off}"),
      IsEmpty());
  EXPECT_THAT(notices("mode: native\ncaching: true\nautoloadShiftfs: true\n"
                      "supervisor: {tun: true}\nhostPaths: {usrSrc: {mountPath: /x}}\n"
                      "network: {cidr: 10.0.0.0/24}\ngpu: {usrLibDir: /usr/lib}"),
              ElementsAre(HasSubstr("caching: has no effect"), HasSubstr("autoloadShiftfs: has no"),
                          HasSubstr("supervisor: has no"), HasSubstr("hostPaths: has no"),
                          HasSubstr("network: has no"), HasSubstr("gpu: has no")));
}

TEST(SettingsMode, NotesEachKeyThatIsDeclaredToHaveNoEffectInNative) {
  const std::map<std::string, std::string> values = {
      {"caching", "true"},
      {"supervisor", "{tun: true}"},
      {"hostPaths", "{usrSrc: {mountPath: /x}}"},
      {"network", "{cidr: 10.0.0.0/24}"},
      {"gpu", "{usrLibDir: /usr/lib}"},
  };
  const nlohmann::ordered_json schema = settings_schema();
  for (const auto& [key, property] : schema.at("properties").items()) {
    if (property.value("x-only-with", "") != "mode: supervised") continue;
    ASSERT_TRUE(values.contains(key)) << key;
    EXPECT_THAT(parse_settings_body("mode: native\n" + key + ": " + values.at(key)).notices,
                ElementsAre(HasSubstr(key + ": has no effect in mode native")));
  }
}

TEST(SettingsMode, ReadsTheTableOfUserNamespaces) {
  const auto rows = usable(R"(
compatibility:
  userNamespaces:
  - {runtime: containerd, from: "2.0.1", below: "2.0.5", need: hostUsers, reason: patched}
  - {runtime: cri-o, kubernetesFrom: "1.30", kubernetesBelow: "1.33", need: unsupported}
)")
                        .compatibility.user_namespaces;
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].runtime, "containerd");
  EXPECT_EQ(rows[0].from, (VersionNumber{2, 0, 1}));
  EXPECT_EQ(rows[0].need, UserNamespaceNeed::kHostUsers);
  EXPECT_EQ(rows[0].reason, "patched");
  EXPECT_EQ(rows[1].kubernetes_below, (VersionNumber{1, 33}));
  EXPECT_EQ(rows[1].from, std::nullopt);
}

TEST(SettingsMode, NamesMistakesInTheTable) {
  const auto mistakes = [](std::string_view row) {
    return parse_settings_body("compatibility: {userNamespaces: [" + std::string(row) + "]}")
        .describe("f");
  };
  EXPECT_THAT(mistakes("{runtime: docker, need: hostUsers}"),
              HasSubstr("(docker): runtime: expected containerd or cri-o, found \"docker\""));
  EXPECT_THAT(mistakes("{runtime: cri-o}"), HasSubstr("expected the key need, found none"));
  EXPECT_THAT(mistakes("{runtime: cri-o, need: hostusers}"), HasSubstr("did you mean hostUsers?"));
  EXPECT_THAT(mistakes("{runtime: cri-o, need: hostUsers, from: \"2.1\", below: \"2.0\"}"),
              HasSubstr("no node would be meant"));
  EXPECT_THAT(mistakes("{runtime: cri-o, need: hostUsers, kubernetesFrom: 1.30}"),
              HasSubstr("expected a version such as"));
  EXPECT_THAT(mistakes("{runtime: cri-o, need: hostUsers}, {runtime: cri-o, need: annotation}"),
              HasSubstr("is given twice"));
  EXPECT_THAT(mistakes("7"), HasSubstr("expected a map"));
}

}  // namespace
}  // namespace cvm::webhook
