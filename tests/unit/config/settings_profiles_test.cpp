// Named profiles in a settings file: what comes out, and every mistake at its place.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "webhook/config/default_settings.hpp"
#include "webhook/config/settings_file.hpp"

namespace cvm::webhook {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const std::string kProfilesHead = "apiVersion: cvm-webhook.io/v1alpha1\nkind: CvmSettings\n";

TEST(SettingsProfiles, AreNoneByDefault) {
  const SettingsResult result = parse_settings(default_settings_file());
  ASSERT_TRUE(result.ok()) << result.describe("f");
  EXPECT_TRUE(result.settings.profiles.empty());
  EXPECT_EQ(result.settings.default_profile, "");
}

TEST(SettingsProfiles, LayTheirKeysOverThoseOfTheFile) {
  const SettingsResult result = parse_settings(kProfilesHead + R"(
caching: true
supervisor:
  image: example.com/envbox:1
  command: [a, b]
  resources: {requests: {cpu: 1, memory: 1Gi}, limits: {memory: 2Gi}}
  env: [{name: A, value: "1"}, {name: B, value: "2"}]
rules: {tmp-mount: deny, gpu-beta: "off"}
isolation: {podSecurity: {enforce: restricted, audit: restricted}, breakGlass: {users: [root]}}
hostPaths: {usrSrc: {mountPath: /a, type: Directory}}
defaultProfile: cached-pool
profiles:
  - name: gpu
    settings:
      caching: false
      runtimeClassName: cvm-gpu
      supervisor:
        command: [c]
        resources: {requests: {cpu: 2}}
        env: [{name: C, value: "3"}]
        tun: null
      rules: {gpu-beta: deny}
      isolation: {podSecurity: {warn: restricted}}
      hostPaths: {usrSrc: {mountPath: /b}}
  - name: cached-pool
    chosenBy: [pod]
  - name: both
    chosenBy: [namespace, pod]
    settings: {}
  - {name: nobody, chosenBy: [], settings: {isolation: {podSecurity: baseline}}}
)");
  ASSERT_TRUE(result.ok()) << result.describe("f");
  ASSERT_EQ(result.settings.profiles.size(), 4U);
  const ProfileSettings& gpu = result.settings.profiles[0];
  EXPECT_EQ(gpu.name, "gpu");
  EXPECT_TRUE(gpu.chosen_by_namespace);
  EXPECT_FALSE(gpu.chosen_by_pod);
  const Settings& settings = gpu.settings;
  EXPECT_FALSE(settings.caching);
  EXPECT_EQ(settings.runtime_class_name, "cvm-gpu");
  EXPECT_EQ(settings.supervisor.image, "example.com/envbox:1");
  EXPECT_THAT(settings.supervisor.command, ElementsAre("c")) << "a list takes a list's place";
  EXPECT_EQ(settings.supervisor.requests.at("cpu"), "2");
  EXPECT_EQ(settings.supervisor.requests.at("memory"), "1Gi") << "maps are joined key by key";
  EXPECT_EQ(settings.supervisor.limits.at("memory"), "2Gi");
  ASSERT_EQ(settings.supervisor.env.size(), 1U);
  EXPECT_EQ(settings.rules.at("tmp-mount"), RuleAction::kDeny);
  EXPECT_EQ(settings.rules.at("gpu-beta"), RuleAction::kDeny);
  EXPECT_EQ(settings.isolation.pod_security.enforce, PodSecurityLevel::kRestricted);
  EXPECT_EQ(settings.isolation.pod_security.warn, PodSecurityLevel::kRestricted);
  EXPECT_EQ(settings.isolation.pod_security.audit, PodSecurityLevel::kRestricted);
  EXPECT_THAT(settings.isolation.break_glass.users, ElementsAre("root"));
  EXPECT_EQ(settings.host_paths[0].mount_path, "/b");
  EXPECT_EQ(settings.host_paths[0].type, "Directory");

  EXPECT_EQ(result.settings.default_profile, "cached-pool");
  const ProfileSettings& cached = result.settings.profiles[1];
  EXPECT_FALSE(cached.chosen_by_namespace);
  EXPECT_TRUE(cached.chosen_by_pod);
  EXPECT_TRUE(cached.settings.caching);
  EXPECT_THAT(cached.settings.supervisor.command, ElementsAre("a", "b"));
  EXPECT_TRUE(result.settings.profiles[2].chosen_by_namespace);
  EXPECT_TRUE(result.settings.profiles[2].chosen_by_pod);
  EXPECT_FALSE(result.settings.profiles[3].chosen_by_namespace);
  EXPECT_FALSE(result.settings.profiles[3].chosen_by_pod);
  EXPECT_EQ(result.settings.profiles[3].settings.isolation.pod_security.enforce,
            PodSecurityLevel::kBaseline)
      << "a word takes a map's place";
  EXPECT_TRUE(result.settings.caching) << "the file's own settings are as they were";
  EXPECT_EQ(result.settings.supervisor.requests.at("cpu"), "1");
}

TEST(SettingsProfiles, KeepTheDefaultsThatTheyDoNotName) {
  const SettingsResult result = parse_settings_body(
      "profiles: [{name: a, settings: {supervisor: {resources: {requests: {cpu: 10m}}}}}]");
  ASSERT_TRUE(result.ok()) << result.describe("f");
  const auto& requests = result.settings.profiles[0].settings.supervisor.requests;
  EXPECT_EQ(requests.at("cpu"), "10m");
  EXPECT_EQ(requests.at("memory"), "128Mi");
  EXPECT_EQ(result.settings.supervisor.requests.at("cpu"), "100m");
}

TEST(SettingsProfiles, HaveTheRuntimeClassOfTheirMode) {
  const SettingsResult result = parse_settings(kProfilesHead + R"(
runtimeClassName: cvm
profiles:
  - {name: native, settings: {mode: native}}
  - {name: named, settings: {mode: native, runtimeClassName: sysbox-pool}}
  - {name: same, settings: {mode: supervised}}
  - {name: empty, settings: {mode: null}}
)");
  ASSERT_TRUE(result.ok()) << result.describe("f");
  const auto class_of = [&result](std::size_t profile) {
    return result.settings.profiles.at(profile).settings.runtime_class_name;
  };
  EXPECT_EQ(class_of(0), "sysbox-runc");
  EXPECT_EQ(class_of(1), "sysbox-pool");
  EXPECT_EQ(class_of(2), "cvm");
  EXPECT_EQ(class_of(3), "cvm");
  const SettingsResult native = parse_settings(kProfilesHead + R"(
mode: native
runtimeClassName: sysbox-runc
profiles: [{name: supervised, settings: {mode: supervised}}]
)");
  ASSERT_TRUE(native.ok()) << native.describe("f");
  EXPECT_EQ(native.settings.profiles.at(0).settings.runtime_class_name, "cvm");
}

TEST(SettingsProfiles, TellsMistakesAtTheirPlace) {
  struct Test {
    std::string_view text;
    std::string mistake;
  };
  const Test tests[] = {
      {"profiles: {}", "f:3:11: profiles: expected a list, found a map"},
      {"profiles: [gpu]", "f:3:12: profiles[0]: expected a map, found \"gpu\""},
      {"profiles: [{settings: {}}]", "f:3:12: profiles[0]: expected a name, found none"},
      {"profiles: [{name: GPU}]",
       "f:3:19: profiles[0].name: expected a name of at most 63 lower case letters, digits and "
       "\"-\", such as gpu, found \"GPU\""},
      {"profiles: [{name: a.b}]",
       "f:3:19: profiles[0].name: expected a name of at most 63 lower case letters, digits and "
       "\"-\", such as gpu, found \"a.b\""},
      {"profiles: [{name: gpu}, {name: gpu}]",
       "f:3:32: profiles[1].name: profiles[0] has the name gpu already"},
      {"profiles: [{name: gpu, choosenBy: []}]",
       "f:3:24: profiles[0].choosenBy: unknown key; did you mean chosenBy?"},
      {"profiles: [{name: gpu, chosenBy: [pods]}]",
       "f:3:35: profiles[0].chosenBy[0]: expected namespace or pod, found \"pods\"; did you mean "
       "pod?"},
      {"profiles: [{name: gpu, chosenBy: pod}]",
       "f:3:34: profiles[0].chosenBy: expected a list, found \"pod\""},
      {"profiles: [{name: gpu, settings: []}]",
       "f:3:34: profiles[0].settings: expected a map, found a list"},
      {"profiles:\n  - name: gpu\n    settings:\n      caching: maybe",
       "f:6:16: profiles[0].settings.caching: expected true or false, found \"maybe\""},
      {"profiles:\n  - name: gpu\n    settings: {cachng: true}",
       "f:5:16: profiles[0].settings.cachng: unknown key; did you mean caching?"},
      {"profiles:\n  - name: a\n  - name: b\n    settings: {supervisor: {placment: wrap}}",
       "f:6:29: profiles[1].settings.supervisor.placment: unknown key; did you mean placement?"},
      {"profiles: [{name: gpu, settings: {rules: {no-such-rule: deny}}}]",
       "f:3:43: profiles[0].settings.rules.no-such-rule: unknown rule"},
      {"defaultProfile: gpu",
       "f:3:17: defaultProfile: expected \"\", as the file has no profiles, found \"gpu\""},
      {"defaultProfile: gpuu\nprofiles: [{name: gpu}, {name: native}]",
       "f:3:17: defaultProfile: expected gpu or native or \"\", found \"gpuu\"; did you mean gpu?"},
      {"defaultProfile: 5",
       "f:3:17: defaultProfile: expected a string, found the number 5; quote it"},
      // Of the file and the profile together.
      {"supervisor: {resources: {requests: {cpu: 2}}}\n"
       "profiles: [{name: a, settings: {supervisor: {resources: {limits: {cpu: 1}}}}}]",
       "f:4:57: profiles[0].settings.supervisor.resources: the request of 2 for cpu is over the "
       "limit of 1"},
      // A mistake of the file is told once.
      {"caching: maybe\nprofiles: [{name: a, settings: {autoloadShiftfs: true}}]",
       "f:3:10: caching: expected true or false, found \"maybe\""},
      {"cachng: true\nprofiles: [{name: a}, {name: b, settings: {}}]",
       "f:3:1: cachng: unknown key; did you mean caching?"},
  };
  for (const Test& test : tests) {
    EXPECT_EQ(parse_settings(kProfilesHead + std::string(test.text)).describe("f"), test.mistake);
  }
}

TEST(SettingsProfiles, TellsAMistakeThatBothMakeTwice) {
  EXPECT_EQ(parse_settings_body("{caching: 1, profiles: [{name: a, settings: {caching: 1}}]}")
                .mistakes.size(),
            2U);
}

TEST(SettingsProfiles, LeaveWhatIsOfTheClusterToTheCluster) {
  const std::pair<std::string_view, std::string_view> keys[] = {
      {"apiVersion", "x"},         {"kind", "x"},
      {"profiles", "[{name: b}]"}, {"defaultProfile", "b"},
      {"enabled", "false"},        {"workspaces", "{selector: {}}"},
      {"nodes", "{mark: false}"},  {"compatibility", "{clouds: 5}"},
  };
  for (const auto& [key, value] : keys) {
    const std::string text =
        "profiles: [{name: a, settings: {" + std::string(key) + ": " + std::string(value) + "}}]";
    const SettingsResult result = parse_settings_body(text);
    ASSERT_EQ(result.mistakes.size(), 1U) << text << '\n' << result.describe("f");
    EXPECT_EQ(result.mistakes[0].path, "profiles[0].settings." + std::string(key));
    EXPECT_EQ(result.mistakes[0].column, 33);
  }
  const SettingsResult inner = parse_settings_body(R"(profiles:
  - name: a
    settings:
      isolation: {breakGlass: {users: [eve]}, podSecurity: restricted}
      rules: {profile-choice: "off", namespace-label: "off", tmp-mount: "off"}
)");
  EXPECT_EQ(inner.describe("f"),
            "f:4:19: profiles[0].settings.isolation.breakGlass: names people for the whole "
            "cluster, as its admission policies know them; set it at the top of the file\n"
            "f:5:15: profiles[0].settings.rules.profile-choice: holds before a profile is chosen; "
            "set it at the top of the file\n"
            "f:5:38: profiles[0].settings.rules.namespace-label: judges namespaces, which are of "
            "no profile; set it at the top of the file");
}

TEST(SettingsProfiles, AreLimitedInNumber) {
  std::string text = "profiles:\n";
  for (int each = 0; each < 65; ++each) text += "  - name: p" + std::to_string(each) + "\n";
  EXPECT_EQ(parse_settings_body(text).describe("f"),
            "f:2:3: profiles: expected at most 64 profiles, found 65");
}

TEST(SettingsProfiles, NoticeWhatHasNoEffectOrOpensALock) {
  const SettingsResult result = parse_settings_body(R"(rules: {plan-changed: warn}
profiles:
  - name: a
    settings: {autoloadShiftfs: true, rules: {supervisor-access: warn}}
)");
  ASSERT_TRUE(result.ok()) << result.describe("f");
  EXPECT_THAT(result.notices,
              ElementsAre("rules.plan-changed: without it users can reach the supervisor",
                          HasSubstr("profiles[0].settings: autoloadShiftfs: has an effect"),
                          HasSubstr("profiles[0].settings: rules.supervisor-access: without it")));
}

}  // namespace
}  // namespace cvm::webhook
