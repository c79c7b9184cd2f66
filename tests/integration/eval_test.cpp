// `eval`, run as a user runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "run_binary.hpp"

namespace cvm::webhook {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const std::string kPods = "tests/data/pods/", kNodes = "tests/data/nodes/";
const std::string kNoPod =
    "<stdin>: expected a Pod, or a Deployment, StatefulSet, DaemonSet, ReplicaSet, Job, CronJob, "
    "ReplicationController or PodTemplate, found none\n";
const std::string kPinned = "tests/data/settings/pinned.yaml";

// Eval of a pod of tests/data under pinned settings.
Outcome eval(const std::string& pod, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments = {"eval", "-f", kPods + pod, "--settings", kPinned};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_binary(arguments);
}

// tests/data/golden holds what the same command line prints; read the difference before replacing
// it.
TEST(Eval, ShowsWhatAnAdmittedPodBecomes) {
  const Outcome run = eval("workspace.yaml", {"--nodes", kNodes + "ubuntu.yaml"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.err, "");
  EXPECT_EQ(run.out, read_test_data("golden/workspace.txt"));
}

TEST(Eval, SaysEveryReasonForARefusal) {
  const Outcome run = eval("privileged.yaml");
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_EQ(run.err, "");
  EXPECT_EQ(run.out, read_test_data("golden/privileged.txt"));
}

TEST(Eval, RefusesWhereNoNodeCanHostACvm) {
  const Outcome run = eval("workspace.yaml", {"--nodes", kNodes + "selinux.json"});
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.out, StartsWith("alice-dev: refused\n  deny  cvm/no-compatible-node: "));
  EXPECT_THAT(run.out, HasSubstr("\n  deny  cvm/node-selinux: "));
  EXPECT_THAT(run.out, Not(HasSubstr("+++")));
}

TEST(Eval, LeavesOtherPodsAlone) {
  const Outcome run = eval("not-a-cvm.yaml");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.out, "plain: admitted untouched, not a CVM\n");
}

TEST(Eval, JudgesEveryPodOfAFileAndNotesTheRest) {
  const Outcome run = eval("several.yaml");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.out,
            "first: admitted untouched, not a CVM\nsecond-*: admitted untouched, not a CVM\n\n"
            "NAMESPACE   KIND   NAME       VERDICT     RULES\n"
            "default     Pod    first      untouched   -\n"
            "default     Pod    second-*   untouched   -\n\n"
            "2 objects: 0 CVMs, 2 untouched, 0 refused\n");
  EXPECT_EQ(run.err,
            "note: tests/data/pods/several.yaml:2:1: left out PersistentVolumeClaim home\n");
}

TEST(Eval, IsRefusedWhenOnePodOfSeveralIs) {
  const std::string pods =
      read_test_data("pods/privileged.yaml") + "---\n" + read_test_data("pods/not-a-cvm.yaml");
  const Outcome run = run_binary({"eval", "-f", "-"}, pods);
  EXPECT_EQ(run.exit_code, 1);
  EXPECT_THAT(run.out, HasSubstr("mallory: refused\n"));
  EXPECT_THAT(run.out, HasSubstr("plain: admitted"));
}

TEST(Eval, ReadsPodsOrNodesFromTheStandardInput) {
  const Outcome pods = run_binary({"eval", "-f", "-"}, read_test_data("pods/not-a-cvm.yaml"));
  EXPECT_EQ(pods.exit_code, 0);
  EXPECT_EQ(pods.out, "plain: admitted untouched, not a CVM\n");
  const Outcome nodes = run_binary({"eval", "-f", kPods + "workspace.yaml", "--nodes", "-"},
                                   read_test_data("nodes/selinux.json"));
  EXPECT_EQ(nodes.exit_code, 1);
  EXPECT_THAT(nodes.out, HasSubstr("cvm/node-selinux"));
  const Outcome both = run_binary({"eval", "-f", "-", "--nodes", "-"});
  EXPECT_EQ(both.exit_code, 2);
  EXPECT_THAT(
      both.err,
      HasSubstr("only one of -f, --nodes, --settings and --before can be the standard input"));
}

TEST(Eval, PrintsOneJsonObjectADocument) {
  const Outcome run = eval("workspace.yaml", {"-o", "json", "--nodes", kNodes + "ubuntu.yaml"});
  EXPECT_EQ(run.exit_code, 0);
  const auto result = nlohmann::ordered_json::parse(run.out);
  std::vector<std::string> keys;
  for (const auto& entry : result.items()) keys.push_back(entry.key());
  EXPECT_EQ(keys, (std::vector<std::string>{"kind", "namespace", "name", "allowed", "profile",
                                            "findings", "warnings", "patch", "object"}));
  EXPECT_EQ(result["name"], "alice-dev");
  EXPECT_EQ(result["allowed"], true);
  EXPECT_EQ(result["object"]["spec"]["runtimeClassName"], "cvm");
  EXPECT_EQ(result["object"]["spec"]["initContainers"][0]["image"],
            "registry.example.com/envbox:0.6.6");
  EXPECT_EQ(result["object"]["spec"]["containers"].size(), 1u);
  EXPECT_FALSE(result["patch"].empty());
}

TEST(Eval, SaysWhichProfileDecided) {
  const std::string settings = R"(apiVersion: cvm-webhook.io/v1alpha1
kind: CvmSettings
profiles:
  - {name: gpu, settings: {runtimeClassName: cvm-gpu}}
  - {name: cached, settings: {caching: true}}
)";
  const auto eval_by = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments = {"eval", "-f", kPods + "workspace.yaml", "--settings",
                                          "-"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_binary(arguments, settings);
  };
  const std::string of_namespace = "--namespace-label=cvm-webhook.io/profile=";
  const Outcome gpu = eval_by({of_namespace + "gpu", "-o", "json"});
  const auto result = nlohmann::json::parse(gpu.out);
  EXPECT_EQ(result["profile"], "gpu");
  EXPECT_EQ(result["object"]["spec"]["runtimeClassName"], "cvm-gpu");
  EXPECT_EQ(nlohmann::json::parse(eval_by({"-o", "json"}).out)["profile"], "");
  EXPECT_THAT(eval_by({of_namespace + "gpu"}).out,
              StartsWith("alice-dev: admitted as a CVM, by profile gpu\n"));
  const Outcome cached = eval_by({of_namespace + "cached", "--nodes", kNodes + "ubuntu.yaml"});
  EXPECT_THAT(cached.out, StartsWith("alice-dev: refused, by profile cached\n"));
  EXPECT_THAT(cached.out, HasSubstr("cvm/node-shiftfs: ")) << "which the others do not need";

  const Outcome refused = eval_by({of_namespace + "gpuu"});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.out, HasSubstr("cvm/profile-choice: namespace \"workspaces\" is labelled"));
  const Outcome level = eval_by({"--namespace-label=pod-security.kubernetes.io/enforce=baseline"});
  EXPECT_THAT(level.out, HasSubstr("cvm/namespace-pod-security: "));
  const Outcome wrong = eval_by({"--namespace-label=gpu"});
  EXPECT_NE(wrong.exit_code, 0);
  EXPECT_THAT(wrong.err, HasSubstr("expected KEY=VALUE, found gpu"));
}

// tests/cli looks at what these print; here they run under the sanitizers.
TEST(Eval, JudgesWhatIsNoCreationOfAPod) {
  const std::string deployment =
      "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: "
      "{containers: [{name: dev, image: ubuntu}]}}}\n";
  const auto ask = [&](std::vector<std::string> more, const std::string& object) {
    more.insert(more.begin(), {"eval", "-f", "-", "--nodes", kNodes + "ubuntu.yaml"});
    return run_binary(more, object);
  };
  for (const char* form : {"text", "json", "yaml", "patch", "admission-review", "sarif"}) {
    EXPECT_EQ(ask({"-o", form}, deployment).exit_code, 0) << form;
  }
  EXPECT_THAT(ask({}, deployment).out, StartsWith("Deployment web: admitted as a CVM\n"));
  EXPECT_THAT(ask({"--explain"}, deployment).out, HasSubstr("  passed   node-kernel\n"));
  EXPECT_THAT(ask({"--operation", "exec", "--container", "cvm-supervisor"}, deployment).out,
              HasSubstr("cvm/supervisor-access: "));
  const Outcome update = ask({"--operation", "update", "--before", kPods + "workspace.yaml"},
                             read_test_data("pods/workspace.yaml"));
  EXPECT_EQ(update.out, "alice-dev: admitted untouched, not a CVM\n");
  EXPECT_EQ(ask({"--operation", "update", "--before", kPods + "workspace.yaml", "--explain"},
                read_test_data("pods/workspace.yaml"))
                .exit_code,
            0);
  EXPECT_EQ(ask({"--operation", "update", "--before", kPods + "workspace.yaml"}, deployment).err,
            kPods + "workspace.yaml: expected Deployment default/web as it was, found none\n");
  EXPECT_EQ(ask({"--kubeconfig", "absent"}, deployment).exit_code, 2);
}

// The same of `doctor`.
TEST(Doctor, ChecksADump) {
  for (const char* form : {"text", "json", "junit"}) {
    const Outcome run = run_binary({"doctor", "--dump", "examples/cluster.yaml", "-o", form});
    EXPECT_EQ(run.exit_code, 1) << form;
    EXPECT_EQ(run.err, "") << form;
    EXPECT_THAT(run.out, HasSubstr("pod-security")) << form;
  }
  EXPECT_EQ(run_binary({"doctor", "--dump", "-"}, "a: [\n").exit_code, 2);
}

TEST(Eval, PrintsFindingsOfARefusedPodAsJson) {
  const Outcome run = eval("privileged.yaml", {"-o", "json"});
  EXPECT_EQ(run.exit_code, 1);
  const auto result = nlohmann::json::parse(run.out);
  EXPECT_EQ(result["allowed"], false);
  EXPECT_EQ(result["patch"], nlohmann::json::array());
  EXPECT_EQ(result["object"]["spec"]["hostPID"], true);
  ASSERT_EQ(result["findings"].size(), 2u);
  EXPECT_EQ(result["findings"][1]["rule"], "privileged-workspace");
  EXPECT_EQ(result["findings"][1]["action"], "deny");
  EXPECT_EQ(result["findings"][1]["field"], "spec.containers[0].securityContext.privileged");
}

TEST(Eval, PrintsWarningsOfAnAdmittedPod) {
  const std::string pod =
      "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  volumes: [{name: t, emptyDir: "
      "{}}]\n"
      "  containers: [{name: dev, image: ubuntu, volumeMounts: [{name: t, mountPath: /tmp}]}]\n";
  const Outcome json = run_binary({"eval", "-f", "-", "-o", "json"}, pod);
  EXPECT_EQ(json.exit_code, 0);
  const auto result = nlohmann::json::parse(json.out);
  ASSERT_EQ(result["findings"].size(), 1u);
  EXPECT_EQ(result["findings"][0]["action"], "warn");
  ASSERT_EQ(result["warnings"].size(), 1u);
  EXPECT_THAT(result["warnings"][0].get<std::string>(), StartsWith("cvm/tmp-mount: "));
  const Outcome text = run_binary({"eval", "-f", "-"}, pod);
  EXPECT_THAT(text.out, StartsWith("a: admitted as a CVM\n  warn  cvm/tmp-mount: "));
}

TEST(Eval, PrintsAPatchThatMakesTheObjectItPrints) {
  const Outcome patch = eval("workspace.yaml", {"-o", "patch"});
  const Outcome json = eval("workspace.yaml", {"-o", "json"});
  const Outcome untouched = eval("not-a-cvm.yaml", {"-o", "json"});
  EXPECT_EQ(patch.exit_code, 0);
  const auto result = nlohmann::json::parse(json.out);
  EXPECT_EQ(nlohmann::json::parse(patch.out), result["patch"]);
  EXPECT_EQ(nlohmann::json::parse(untouched.out)["patch"], nlohmann::json::array());
}

TEST(Eval, PrintsAPodThatIsACvmAlready) {
  const Outcome yaml = eval("workspace.yaml", {"-o", "yaml"});
  EXPECT_EQ(yaml.exit_code, 0);
  EXPECT_EQ(yaml.err, "");
  const Outcome again = run_binary({"eval", "-f", "-", "--settings", kPinned}, yaml.out);
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_EQ(again.out, "alice-dev: admitted as the CVM that it is\n");
  const Outcome other = run_binary({"eval", "-f", "-"}, yaml.out);
  EXPECT_EQ(other.exit_code, 1) << "the supervisor of other settings is not this cluster's";
}

TEST(Eval, SaysWhyThereIsNoPodAside) {
  for (const char* form : {"yaml", "patch"}) {
    const Outcome run = eval("privileged.yaml", {"-o", form});
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_EQ(run.out, "");
    EXPECT_THAT(run.err, StartsWith("mallory: refused\ncvm/host-namespaces: "));
  }
}

TEST(Eval, SeparatesThePodsOfYaml) {
  const Outcome run = eval("several.yaml", {"-o", "yaml"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.out, HasSubstr("  - name: app\n    image: nginx\n---\napiVersion: v1\n"));
}

struct UnusableInput {
  std::string input, message;
};

TEST(Eval, SaysWhereUnusableInputIsWrong) {
  const std::vector<UnusableInput> cases = {
      {"", kNoPod},
      {"a: [\n", "<stdin>:2:1: end of sequence flow not found\n"},
      {"- 1\n", "<stdin>:1:1: expected a Kubernetes object\n"},
      {"metadata: {}\n", "<stdin>:1:1: expected a kind, found none\n"},
      {"kind: Pod\nkind: Pod\n", "<stdin>:2:1: the key \"kind\" is given twice, first in line 1\n"},
      {"apiVersion: v2\nkind: Pod\n", "<stdin>:1:13: expected v1 for a Pod, found v2\n"},
      {"kind: List\nitems:\n- kind: Pod\n  spec: 7\n",
       "<stdin>:4:9: spec: expected an object, found a number\n"},
      {"kind: PodList\nitems:\n- metadata: {name: a}\n  spec: {containers: x}\n",
       "<stdin>:4:22: spec.containers: expected an array, found a string\n"},
      {"{\"kind\": \"Pod\",\n \"metadata\": {\"labels\": {\"a/b\": 1}}}",
       "<stdin>:2:33: metadata.labels[\"a/b\"]: expected a string, found a number\n"},
      {"kind: List\nitems: [{kind: Service}]\n", "note: <stdin>:2:9: left out Service\n" + kNoPod},
      {"kind: Deployment\nspec: {}\n",
       "<stdin>:1:1: expected apps/v1 for a Deployment, found none\n"},
      {"apiVersion: batch/v1\nkind: CronJob\nspec: {jobTemplate: {}}\n",
       "<stdin>:3:21: expected a pod template at spec.jobTemplate.spec.template, found none\n"},
      {"apiVersion: apps/v1\nkind: Deployment\nspec:\n  template: {spec: {hostPID: 1}}\n",
       "<stdin>:4:30: spec.template.spec.hostPID: expected a boolean, found a number\n"},
  };
  for (const UnusableInput& test : cases) {
    const Outcome run = run_binary({"eval", "-f", "-"}, test.input);
    EXPECT_EQ(run.exit_code, 2) << test.input;
    EXPECT_EQ(run.err, test.message) << test.input;
    EXPECT_EQ(run.out, "") << test.input;
  }
}

TEST(Eval, SaysWhereUnusableFilesAreWrong) {
  const std::vector<UnusableInput> cases = {
      {"broken.yaml", "tests/data/pods/broken.yaml:5:2: end of map not found\n"},
      {"wrong-type.yaml",
       "tests/data/pods/wrong-type.yaml:9:19: spec.containers[0].securityContext.privileged: "
       "expected a boolean, found a string\n"},
      {"deployment.yaml",
       "tests/data/pods/deployment.yaml:4:7: expected a pod template at spec.template, found "
       "none\n"},
      {"absent.yaml", "tests/data/pods/absent.yaml: cannot be read: No such file or directory\n"},
      {"", "tests/data/pods/: is a directory, expected a file\n"},
  };
  for (const UnusableInput& test : cases) {
    const Outcome run = eval(test.input);
    EXPECT_EQ(run.exit_code, 2) << test.input;
    EXPECT_EQ(run.err, test.message) << test.input;
    EXPECT_EQ(run.out, "") << test.input;
  }
}

TEST(Eval, SaysWhereUnusableNodesAndSettingsAreWrong) {
  const Outcome nodes = eval("workspace.yaml", {"--nodes", kNodes + "wrong-type.yaml"});
  EXPECT_EQ(nodes.exit_code, 2);
  EXPECT_EQ(nodes.err,
            "tests/data/nodes/wrong-type.yaml:7:22: items[0].status.nodeInfo.kernelVersion: "
            "expected a string, found a number\n");
  const Outcome settings = run_binary(
      {"eval", "-f", kPods + "workspace.yaml", "--settings", "tests/data/settings/mistakes.yaml"});
  EXPECT_EQ(settings.exit_code, 2);
  EXPECT_THAT(settings.err,
              StartsWith("tests/data/settings/mistakes.yaml:3:1: cacheing: unknown key; did you "
                         "mean caching?\n"));
}

constexpr const char* kEscape = "\x1b[";

TEST(Eval, ColoursOnlyWhenAskedTo) {
  // The standard output of a test is no terminal.
  EXPECT_THAT(eval("workspace.yaml").out, Not(HasSubstr(kEscape)));
  EXPECT_THAT(eval("workspace.yaml", {"--color", "never"}).out, Not(HasSubstr(kEscape)));
  const Outcome always = eval("workspace.yaml", {"--color", "always"});
  EXPECT_THAT(always.out, HasSubstr("\x1b[1;32madmitted\x1b[0m"));
  EXPECT_THAT(always.out, HasSubstr("\x1b[32m+  runtimeClassName: cvm\x1b[0m\n"));
  EXPECT_THAT(eval("privileged.yaml", {"--color", "always"}).out,
              HasSubstr("\x1b[1;31mrefused\x1b[0m"));
  EXPECT_EQ(eval("workspace.yaml", {"--color", "often"}).exit_code, 2);
}

// `script` (util-linux, essential in Debian) gives the command a terminal.
std::string eval_on_terminal(const std::string& variable) {
  const std::string command = "cd " CVM_SOURCE_DIR " && env -u NO_COLOR TERM=xterm " + variable +
                              " script -qec '" CVM_BINARY_DIR "/cvm-webhook eval -f " + kPods +
                              "not-a-cvm.yaml' /dev/null </dev/null";
  std::string out;
  FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return out;
  for (int c = fgetc(pipe); c != EOF; c = fgetc(pipe)) out += static_cast<char>(c);
  pclose(pipe);
  return out;
}

TEST(Eval, ColoursOnATerminalUnlessNoColorIsSet) {
  EXPECT_THAT(eval_on_terminal(""), HasSubstr("\x1b[1;32madmitted\x1b[0m"));
  EXPECT_THAT(eval_on_terminal("NO_COLOR=1"), StartsWith("plain: admitted untouched"));
  EXPECT_THAT(eval_on_terminal("TERM=dumb"), StartsWith("plain: admitted untouched"));
}

}  // namespace
}  // namespace cvm::webhook
