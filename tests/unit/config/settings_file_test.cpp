#include "webhook/config/settings_file.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "webhook/config/default_settings.hpp"

namespace cvm::webhook {
namespace {

const std::string kHead = "apiVersion: cvm-webhook.io/v1alpha1\nkind: CvmSettings\n";

// Every member, so that two settings can be compared and a difference read.
std::string print(const Settings& settings) {
  std::string text;
  const auto add = [&text](std::string_view name, const auto& value) {
    text += std::string(name) + "=";
    if constexpr (std::is_convertible_v<decltype(value), std::string_view>) {
      text += value;
    } else {
      text += std::to_string(value);
    }
    text += '\n';
  };
  add("enabled", settings.enabled);
  add("default_to_cvm", settings.default_to_cvm);
  add("mode", static_cast<int>(settings.mode));
  add("caching", settings.caching);
  add("autoload_shiftfs", settings.autoload_shiftfs);
  add("runtime_class_name", settings.runtime_class_name);
  for (const LabelRequirement& requirement : settings.workspace_selector.requirements) {
    add("selector." + requirement.key, static_cast<int>(requirement.op));
    for (const std::string& value : requirement.values) add("selector.value", value);
  }
  add("placement", to_string(settings.supervisor.placement));
  add("image", settings.supervisor.image);
  add("image_pull_policy", settings.supervisor.image_pull_policy);
  for (const std::string& word : settings.supervisor.command) add("command", word);
  for (const auto& [name, amount] : settings.supervisor.requests) add("requests." + name, amount);
  for (const auto& [name, amount] : settings.supervisor.limits) add("limits." + name, amount);
  for (const EnvSetting& env : settings.supervisor.env) add("env." + env.name, env.value);
  add("memory_reserve", settings.supervisor.memory_reserve);
  add("service_account_token", settings.supervisor.service_account_token);
  add("tun", settings.supervisor.tun);
  add("fuse", settings.supervisor.fuse);
  for (const HostPathSettings& host_path : settings.host_paths) {
    add("host_path." + host_path.path, host_path.mount_path + " " + host_path.type);
  }
  add("network_cidr", settings.network_cidr);
  for (const std::string& cloud : settings.gpu.allow_clouds) add("allow_cloud", cloud);
  add("usr_lib_dir", settings.gpu.usr_lib_dir);
  add("mark", settings.nodes.mark);
  add("selinux_unknown", static_cast<int>(settings.nodes.selinux_unknown));
  add("shiftfs_unknown", static_cast<int>(settings.nodes.shiftfs_unknown));
  add("secure_boot_unknown", static_cast<int>(settings.nodes.secure_boot_unknown));
  add("kernel_headers_unknown", static_cast<int>(settings.nodes.kernel_headers_unknown));
  add("stale_after", settings.nodes.stale_after.count());
  add("stale_action", static_cast<int>(settings.nodes.stale_action));
  add("templates", settings.nodes.templates.size());
  add("compatibility",
      settings.compatibility.distributions.size() + settings.compatibility.kernels.size() +
          settings.compatibility.clouds.size() + settings.compatibility.gpus.size());
  for (const auto& [id, action] : settings.rules) add("rules." + id, to_string(action));
  return text;
}

TEST(SettingsFile, OfDefaultsEqualsDefaultSettings) {
  const SettingsResult result = parse_settings(default_settings_file());
  EXPECT_EQ(result.describe("defaults"), "");
  EXPECT_EQ(print(result.settings), print(Settings{}));
}

TEST(SettingsFile, WithoutKeysIsTheDefault) {
  const SettingsResult result = parse_settings(kHead);
  EXPECT_EQ(result.describe("f"), "");
  EXPECT_EQ(print(result.settings), print(Settings{}));
  EXPECT_TRUE(result.notices.empty());
}

TEST(SettingsFile, TakesNullsForAbsentKeys) {
  const SettingsResult result = parse_settings(
      kHead + "mode:\nhostPaths:\n  usrSrc:\nsupervisor: {image: }\nrules: {tmp-mount: }");
  EXPECT_EQ(result.describe("f"), "");
  EXPECT_EQ(print(result.settings), print(Settings{}));
}

TEST(SettingsFile, TakesNullsForAbsentQuantities) {
  const SettingsResult result =
      parse_settings(kHead + "supervisor: {resources: {requests: {cpu: , memory: 1Gi}}}");
  EXPECT_EQ(result.describe("f"), "");
  EXPECT_EQ(result.settings.supervisor.requests,
            (std::map<std::string, std::string>{{"memory", "1Gi"}}));
  EXPECT_NE(parse_settings(kHead + "supervisor: {resources: {requests: {cpus: }}}").describe("f"),
            "");
}

TEST(SettingsFile, ReadsEveryKey) {
  const SettingsResult result = parse_settings(kHead + R"(
enabled: false
defaultToCvm: no
mode: supervised
caching: on
autoloadShiftfs: true
runtimeClassName: team-a.cvm
workspaces:
  selector:
    matchLabels: {com.coder.resource: "true"}
    matchExpressions:
    - {key: example.com/tier, operator: In, values: [a, b]}
    - {key: skip, operator: DoesNotExist}
supervisor:
  placement: container
  image: registry.example.com/envbox@sha256:0123
  imagePullPolicy: Always
  command: [/envbox, docker, --verbose]
  resources: {requests: {cpu: 0.5, memory: 1Gi}, limits: {cpu: 2, example.com/slots: "3"}}
  env: [{name: HTTP_PROXY, value: "http://proxy:3128"}, {name: EMPTY}]
  memoryReserve: 64Mi
  serviceAccountToken: true
  tun: true
  fuse: true
hostPaths:
  usrSrc: {path: /opt/src, mountPath: /mnt/src, type: Directory}
  varRun: {type: ""}
network: {cidr: 10.9.8.0/24}
gpu: {allowClouds: [aws, gce], usrLibDir: /usr/lib/x86_64-linux-gnu}
nodes: {selinuxUnknown: deny, shiftfsUnknown: warn, secureBootUnknown: deny, kernelHeadersUnknown: warn,
  staleAfter: 1h30m5s, staleAction: allow, mark: false}
rules: {tmp-mount: off, gpu-beta: deny, node-selinux: "off", node-os: audit, gpu-cloud: warn}
)");
  EXPECT_EQ(result.describe("f"), "");
  Settings expected;
  expected.enabled = false;
  expected.default_to_cvm = false;
  expected.caching = true;
  expected.autoload_shiftfs = true;
  expected.runtime_class_name = "team-a.cvm";
  expected.workspace_selector.requirements = {
      // A map's keys come in their order, matchExpressions first.
      {"example.com/tier", LabelOperator::kIn, {"a", "b"}},
      {"skip", LabelOperator::kDoesNotExist, {}},
      {"com.coder.resource", LabelOperator::kIn, {"true"}},
  };
  expected.supervisor.placement = Placement::kContainer;
  expected.supervisor.image = "registry.example.com/envbox@sha256:0123";
  expected.supervisor.image_pull_policy = "Always";
  expected.supervisor.command = {"/envbox", "docker", "--verbose"};
  expected.supervisor.requests = {{"cpu", "0.5"}, {"memory", "1Gi"}};
  expected.supervisor.limits = {{"cpu", "2"}, {"example.com/slots", "3"}};
  expected.supervisor.env = {{"HTTP_PROXY", "http://proxy:3128"}, {"EMPTY", ""}};
  expected.supervisor.memory_reserve = "64Mi";
  expected.supervisor.service_account_token = true;
  expected.supervisor.tun = true;
  expected.supervisor.fuse = true;
  expected.host_paths[static_cast<std::size_t>(HostPath::kUsrSrc)] = {"/opt/src", "/mnt/src",
                                                                      "Directory"};
  expected.host_paths[static_cast<std::size_t>(HostPath::kVarRun)].type = "";
  expected.network_cidr = "10.9.8.0/24";
  expected.gpu.allow_clouds = {"aws", "gce"};
  expected.gpu.usr_lib_dir = "/usr/lib/x86_64-linux-gnu";
  expected.nodes.mark = false;
  expected.nodes.selinux_unknown = UnknownAction::kDeny;
  expected.nodes.shiftfs_unknown = UnknownAction::kWarn;
  expected.nodes.secure_boot_unknown = UnknownAction::kDeny;
  expected.nodes.kernel_headers_unknown = UnknownAction::kWarn;
  expected.nodes.stale_after = std::chrono::seconds{5405};
  expected.nodes.stale_action = UnknownAction::kAllow;
  expected.rules = {{"tmp-mount", RuleAction::kOff},
                    {"gpu-beta", RuleAction::kDeny},
                    {"node-selinux", RuleAction::kOff},
                    {"node-os", RuleAction::kAudit},
                    {"gpu-cloud", RuleAction::kWarn}};
  EXPECT_EQ(print(result.settings), print(expected));
}

struct MistakeCase {
  std::string_view text;     // after apiVersion and kind: its first line is line 3
  std::string_view mistake;  // everything that is said
};

void expect_mistakes(std::initializer_list<MistakeCase> cases) {
  for (const MistakeCase& test : cases) {
    EXPECT_EQ(parse_settings(kHead + std::string(test.text)).describe("f"), test.mistake);
  }
}

TEST(SettingsFile, NamesUnknownAndRepeatedKeys) {
  expect_mistakes(
      {{"defaultToCVM: true", "f:3:1: defaultToCVM: unknown key; did you mean defaultToCvm?"},
       {"supervisor:\n  imagePulPolicy: Always",
        "f:4:3: supervisor.imagePulPolicy: unknown key; did you mean imagePullPolicy?"},
       {"zzzzzzzz: 1", "f:3:1: zzzzzzzz: unknown key"},
       {"rules: {node-selinx: warn}",
        "f:3:9: rules.node-selinx: unknown rule; did you mean node-selinux?"},
       {"rules: {nodes-stale: warn}",
        "f:3:9: rules.nodes-stale: is set by the key nodes.staleAction"},
       {"rules: {pod-unknown: off}",
        "f:3:9: rules.pod-unknown: cannot be set: nobody could tell a supervisor from another "
        "container"},
       {"mode: supervised\nmode: native",
        "f:4:1: the key \"mode\" is given twice, first in line 3"},
       {"a: [", "f:3:1: end of sequence flow not found"}});
}

TEST(SettingsFile, NamesWrongTypes) {
  expect_mistakes(
      {{"enabled: \"yes\"", "f:3:10: enabled: expected true or false, found \"yes\""},
       {"caching: 1", "f:3:10: caching: expected true or false, found the number 1"},
       {"supervisor: on", "f:3:13: supervisor: expected a map, found true"},
       {"supervisor: {image: 1.5}",
        "f:3:21: supervisor.image: expected a string, found the number 1.5; quote it"},
       {"supervisor: {command: /envbox}",
        "f:3:23: supervisor.command: expected a list, found \"/envbox\""},
       {"supervisor: {command: [/envbox, {a: b}]}",
        "f:3:33: supervisor.command[1]: expected a string, found a map"},
       {"supervisor: {env: {A: b}}", "f:3:19: supervisor.env: expected a list, found a map"},
       {"supervisor: {env: [{name: A, value: yes}]}",
        "f:3:37: supervisor.env[0].value: expected a string, found true; quote it"},
       {"nodes: {staleAfter: 5}",
        "f:3:21: nodes.staleAfter: expected a duration such as 5m, 90s or 1h30m, found "
        "the number 5"},
       {"rules: [a]", "f:3:8: rules: expected a map, found a list"}});
}

TEST(SettingsFile, NamesUnknownWords) {
  expect_mistakes(
      {{"mode: superviced",
        "f:3:7: mode: expected supervised or native, found \"superviced\"; did you mean "
        "supervised?"},
       {"supervisor: {placement: sidcar}",
        "f:3:25: supervisor.placement: expected sidecar, container or wrap, found \"sidcar\"; "
        "did you mean sidecar?"},
       {"supervisor: {imagePullPolicy: Sometimes}",
        "f:3:31: supervisor.imagePullPolicy: expected Always, IfNotPresent or Never, "
        "found \"Sometimes\""},
       {"nodes: {staleAction: ignore}",
        "f:3:22: nodes.staleAction: expected allow, warn or deny, found \"ignore\""},
       {"rules: {tmp-mount: true}",
        "f:3:20: rules.tmp-mount: expected deny, warn, audit or off, found true"},
       {"hostPaths: {varLib: {type: directory}}",
        "f:3:28: hostPaths.varLib.type: expected Directory, DirectoryOrCreate, File, "
        "FileOrCreate, Socket, CharDevice, BlockDevice or \"\", found \"directory\"; did "
        "you mean Directory?"},
       {"gpu: {allowClouds: [aws, gcp]}",
        "f:3:26: gpu.allowClouds[1]: expected aws, gce, azure, digitalocean, ibm, oci, "
        "alicloud, hcloud, linode, vultr, scaleway or openstack, found \"gcp\"; did you "
        "mean gce?"},
       {"gpu: {allowClouds: [vsphere]}",
        "f:3:21: gpu.allowClouds[0]: expected aws, gce, azure, digitalocean, ibm, oci, "
        "alicloud, hcloud, linode, vultr, scaleway or openstack, found \"vsphere\""}});
}

TEST(SettingsFile, NamesUnusableValues) {
  expect_mistakes(
      {{"runtimeClassName: CVM",
        "f:3:19: runtimeClassName: expected the name of a RuntimeClass, found \"CVM\""},
       {"runtimeClassName: sysbox-runc",
        "f:3:19: runtimeClassName: pods of the class sysbox-runc run under Sysbox, where "
        "the privileged supervisor of mode supervised cannot start; name a class whose "
        "handler is runc or crun, such as cvm, or set mode: native"},
       {"supervisor: {image: \"\"}",
        "f:3:21: supervisor.image: expected the name of an image, found \"\""},
       {"supervisor: {image: a b}",
        "f:3:21: supervisor.image: expected the name of an image, found \"a b\""},
       {"supervisor: {command: []}",
        "f:3:23: supervisor.command: expected a program and its arguments, found an "
        "empty list"},
       {"supervisor: {resources: {limits: {memory: 1GB}}}",
        "f:3:43: supervisor.resources.limits.memory: expected a quantity such as 100m, 2 "
        "or 1Gi, found \"1GB\""},
       {"supervisor: {resources: {limits: {cpu: -1}}}",
        "f:3:40: supervisor.resources.limits.cpu: expected a quantity of at least 0, "
        "found the number -1"},
       {"supervisor: {resources: {limits: {cpus: 1}}}",
        "f:3:35: supervisor.resources.limits.cpus: expected cpu, memory, "
        "ephemeral-storage, hugepages-<size> or <domain>/<resource>"},
       {"supervisor: {resources: {limits: {cpu: 50m}}}",
        "f:3:25: supervisor.resources: the request of 100m for cpu is over the limit of "
        "50m"},
       {"supervisor: {env: [{name: 1A}]}",
        "f:3:27: supervisor.env[0].name: expected the name of an environment variable, "
        "found \"1A\""},
       {"supervisor: {env: [{value: b}]}",
        "f:3:20: supervisor.env[0]: expected a name, found none"},
       {"supervisor: {env: [{name: A}, {name: A}]}",
        "f:3:38: supervisor.env[1].name: A is given twice"},
       {"supervisor: {placement: wrap, env: [{name: CODER_MOUNTS, value: a}]}",
        "f:3:13: supervisor: env sets CODER_MOUNTS, which placement wrap works out of each pod; "
        "leave "
        "it out"},
       {"supervisor: {env: [{name: CODER_ADD_TUN}]}",
        "f:3:27: supervisor.env[0].name: CODER_ADD_TUN is set by the key "
        "supervisor.tun, not here"},
       {"hostPaths: {usrSrc: {mountPath: usr/src}}",
        "f:3:33: hostPaths.usrSrc.mountPath: expected an absolute path below / without "
        "\"..\" or \":\", found \"usr/src\""},
       {"hostPaths: {usrSrc: {mountPath: /usr/../etc}}",
        "f:3:33: hostPaths.usrSrc.mountPath: expected an absolute path below / without "
        "\"..\" or \":\", found \"/usr/../etc\""},
       {"hostPaths: {usrSrc: {path: /}}",
        "f:3:28: hostPaths.usrSrc.path: expected an absolute path below / without \"..\" or \":\", "
        "found \"/\""},
       {"hostPaths: {varLib: {mountPath: /var/lib}}",
        "f:3:12: hostPaths: varLib has the mountPath /var/lib, where the supervisor has "
        "/var/lib/coder of its own; choose another, such as /host/var/lib"},
       {"hostPaths: {varRun: {mountPath: /var/run/host}}",
        "f:3:12: hostPaths: varRun has the mountPath /var/run/host, where the supervisor has "
        "/var/run of its own; choose another, such as /host/var/run"},
       {"supervisor: {memoryReserve: lots}",
        "f:3:29: supervisor.memoryReserve: expected a quantity such as 100m, 2 or 1Gi, found "
        "\"lots\""},
       {"hostPaths: {usrSrc: {mountPath: /lib/modules}}",
        "f:3:12: hostPaths: usrSrc and libModules have the same mountPath, /lib/modules"},
       {"network: {cidr: 172.19.0.0/31}",
        "f:3:17: network.cidr: expected a prefix of at most /30, as a CVM needs two "
        "addresses, found \"172.19.0.0/31\""},
       {"nodes: {staleAfter: 5 minutes}",
        "f:3:21: nodes.staleAfter: expected a duration such as 5m, 90s or 1h30m, found "
        "\"5 minutes\""},
       {"nodes: {staleAfter: 0s}",
        "f:3:21: nodes.staleAfter: expected more than no time, found 0s"},
       {"gpu: {usrLibDir: lib}",
        "f:3:18: gpu.usrLibDir: expected an absolute path without \"..\", found \"lib\""}});
}

TEST(SettingsFile, NamesMistakesInSelectors) {
  expect_mistakes(
      {{"workspaces: {selector: {matchLabels: {team: 1}}}",
        "f:3:45: workspaces.selector.matchLabels.team: expected a string, found the "
        "number 1; quote it"},
       {"workspaces: {selector: {matchLabels: {a/b/c: x}}}",
        "f:3:39: workspaces.selector.matchLabels[a/b/c]: expected a label key"},
       {"workspaces: {selector: {matchExpressions: [{key: a, operator: Is}]}}",
        "f:3:63: workspaces.selector.matchExpressions[0].operator: expected In, NotIn, "
        "Exists or DoesNotExist, found \"Is\"; did you mean In?"},
       {"workspaces: {selector: {matchExpressions: [{key: a, operator: In}]}}",
        "f:3:44: workspaces.selector.matchExpressions[0]: the operators In and NotIn "
        "need values, found none"},
       {"workspaces: {selector: {matchExpressions: [{key: a, operator: Exists, values: "
        "[b]}]}}",
        "f:3:79: workspaces.selector.matchExpressions[0].values: the operators Exists "
        "and DoesNotExist take no values"},
       {"workspaces: {selector: {matchExpressions: [{operator: Exists}]}}",
        "f:3:44: workspaces.selector.matchExpressions[0]: expected a key, found none"},
       {"workspaces: {selector: {app: x}}", "f:3:25: workspaces.selector.app: unknown key"}});
}

TEST(SettingsFile, SaysAllMistakesInTheOrderOfTheText) {
  const SettingsResult result = parse_settings(
      "kind: CvmSetting\n"
      "supervisor:\n"
      "  placement: inside\n"
      "  tun: 1\n"
      "caching: maybe\n"
      "network: {cidr: 127.0.0.0/24, dns: x}\n");
  EXPECT_EQ(
      result.describe("settings.yaml"),
      "settings.yaml:1:1: expected apiVersion: cvm-webhook.io/v1alpha1, found no such key\n"
      "settings.yaml:1:7: kind: expected CvmSettings, found \"CvmSetting\"\n"
      "settings.yaml:3:14: supervisor.placement: expected sidecar, container or wrap, found "
      "\"inside\"\n"
      "settings.yaml:4:8: supervisor.tun: expected true or false, found the number 1\n"
      "settings.yaml:5:10: caching: expected true or false, found \"maybe\"\n"
      "settings.yaml:6:17: network.cidr: expected a network that hosts can use, not loopback, "
      "multicast or reserved, found \"127.0.0.0/24\"\n"
      "settings.yaml:6:31: network.dns: unknown key");
}

TEST(SettingsFile, RefusesOtherDocuments) {
  EXPECT_EQ(parse_settings("").describe("f"), "f:1:1: expected settings, found an empty file");
  EXPECT_EQ(parse_settings("[]").describe("f"), "f:1:1: expected a map, found a list");
  EXPECT_EQ(parse_settings(kHead + "---\n" + kHead).describe("f"),
            "f:4:1: expected one document, found 2");
  EXPECT_EQ(parse_settings("apiVersion: cvm-webhook.io/v1\nkind: CvmSettings\n").describe("f"),
            "f:1:13: apiVersion: expected cvm-webhook.io/v1alpha1, found \"cvm-webhook.io/v1\"");
}

TEST(SettingsFile, TakesABodyWithoutApiVersionAndKind) {
  EXPECT_TRUE(parse_settings_body("").ok());
  EXPECT_TRUE(parse_settings_body("{}").ok());
  EXPECT_TRUE(parse_settings_body(R"({"caching": true})").settings.caching);
  EXPECT_EQ(parse_settings_body("kind: X").describe("f"),
            "f:1:7: kind: expected CvmSettings, found \"X\"");
}

TEST(SettingsFile, NotesKeysWithoutEffectAndRulesWhoseAbsenceOpensTheSupervisor) {
  const SettingsResult result =
      parse_settings(kHead + "autoloadShiftfs: true\nrules: {supervisor-access: warn}\n");
  EXPECT_EQ(result.describe("f"), "");
  EXPECT_EQ(result.notices,
            (std::vector<std::string>{
                "autoloadShiftfs: has an effect together with caching only",
                "rules.supervisor-access: without it users can reach the supervisor",
            }));
}

TEST(SettingsFile, SaysWhyAFileCannotBeRead) {
  EXPECT_EQ(load_settings("/nowhere/settings.yaml").describe("/nowhere/settings.yaml"),
            "/nowhere/settings.yaml: cannot be read: No such file or directory");
  EXPECT_EQ(load_settings(testing::TempDir()).describe("dir"),
            "dir: is a directory, expected a file");
}

TEST(SettingsFile, LoadsAFile) {
  const std::string file = testing::TempDir() + "cvm_settings_file_test.yaml";
  std::ofstream(file) << kHead << "caching: true\n";
  const SettingsResult result = load_settings(file);
  EXPECT_EQ(result.describe("f"), "");
  EXPECT_TRUE(result.settings.caching);
}

}  // namespace
}  // namespace cvm::webhook
