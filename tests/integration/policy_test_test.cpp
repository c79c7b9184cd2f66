// `cvm-webhook test`, run as a user runs it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <boost/property_tree/xml_parser.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "run_binary.hpp"

namespace cvm::webhook {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* kHead =
    "apiVersion: cvm-webhook.io/v1alpha1\n"
    "kind: CvmPolicyTest\n"
    "name: a\n"
    "pod: {metadata: {name: w}, spec: {containers: [{name: dev, image: u}]}}\n"
    "cases:\n";
constexpr const char* kPasses = "- {name: passes, expect: {allowed: true}}\n";
constexpr const char* kFails =
    "- {name: \"fails # <&>\", expect: {allowed: false, findings: [{rule: tmp-mount}]}}\n";

class PolicyTest : public testing::Test {
 protected:
  PolicyTest() {
    std::string pattern = testing::TempDir() + "cvm-policy-test-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    folder_ = pattern;
  }
  ~PolicyTest() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ / name; }
  std::string write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name) << text;
    return path(name);
  }
  std::string read(const std::string& name) const {
    std::ifstream stream(folder_ / name);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  Outcome run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"test", folder_.string()});
    return run_binary(arguments);
  }

 private:
  std::filesystem::path folder_;
};

TEST_F(PolicyTest, PassesWithStatusZero) {
  const std::string file = write("deep/er/a.yml", std::string(kHead) + kPasses);
  write("pod.yaml", "kind: Pod\n");
  write("settings.yaml", "apiVersion: cvm-webhook.io/v1alpha1\nkind: CvmSettings\n");
  const Outcome done = run({});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("ok   a  " + file + "  1 case\n"));
  EXPECT_THAT(done.out, HasSubstr("1 suite, 1 case: 1 passed, 0 failed ("));
  EXPECT_EQ(done.err, "");
}

TEST_F(PolicyTest, FailsWithStatusOneAndADiff) {
  const std::string file = write(
      "a.yaml", std::string(kHead) + kPasses + kFails +
                    "- {name: object, expect: {allowed: true, object: {spec: {runtimeClassName: "
                    "runc}}, findings: []}}\n");
  const Outcome done = run({});
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_THAT(done.out, HasSubstr("FAIL a  " + file +
                                  "  3 cases, 2 of them failed\n"
                                  "  failed a/fails # <&>  " +
                                  file +
                                  ":7:3\n"
                                  "    allowed:\n"
                                  "      - false\n"
                                  "      + true\n"
                                  "    finding missing:\n"
                                  "      - rule: tmp-mount\n"));
  EXPECT_THAT(done.out, HasSubstr("    object:\n"
                                  "      @@ -1,2 +1,2 @@\n"
                                  "       spec:\n"
                                  "      -  runtimeClassName: runc\n"
                                  "      +  runtimeClassName: cvm\n"));
  EXPECT_THAT(done.out, HasSubstr("1 suite, 3 cases: 1 passed, 2 failed ("));
  EXPECT_THAT(done.out, Not(HasSubstr("\x1b"))) << "no terminal";
  EXPECT_THAT(run({"--color", "always"}).out, HasSubstr("\x1b[31m      - false\x1b[0m"));
}

TEST_F(PolicyTest, EndsWithTwoOnUnusableInput) {
  const std::string file = write("a.yaml", std::string(kHead) + "- {name: b, expct: {}}\n");
  const std::string other = write("b.yaml", std::string(kHead) + "- {}\n");
  Outcome done = run({});
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_EQ(done.out, "");
  EXPECT_THAT(done.err, HasSubstr(file + ":6:13: cases[0].expct: unknown key; did you mean "
                                         "expect?\n"));
  EXPECT_THAT(done.err, HasSubstr(other + ":6:3: cases[0]: expected the key name"));

  EXPECT_THAT(run_binary({"test", "/absent"}).err,
              HasSubstr("/absent: expected a suite or a folder of suites, found nothing"));
  EXPECT_THAT(run_binary({"test", "examples/settings.yaml"}).err,
              HasSubstr("examples/settings.yaml:4:7: kind: expected CvmPolicyTest, found "
                        "\"CvmSettings\""));
  EXPECT_THAT(run_binary({"test", "manifests"}).err,
              HasSubstr("manifests: expected a suite (kind: CvmPolicyTest) in this folder"));
}

TEST_F(PolicyTest, EndsWithTwoOnACaseThatNoApiServerWouldSend) {
  const std::string file = write(
      "a.yaml", std::string(kHead) +
                    "- {name: b, pod: {spec: {hostNetwork: often}}, expect: {allowed: true}}\n" +
                    kPasses);
  const Outcome done = run({"-o", "tap"});
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_THAT(done.err, HasSubstr(file + ":6:39: spec.hostNetwork: expected"));
  EXPECT_THAT(done.out, HasSubstr("ok 2 - a/passes")) << "the others are run";
}

TEST_F(PolicyTest, RunsTheCasesThatAreNamed) {
  write("a.yaml", std::string(kHead) + kPasses + kFails);
  EXPECT_EQ(run({"--run", "^a/pass"}).exit_code, 0);
  EXPECT_EQ(run({"--run", "fails"}).exit_code, 1);
  const Outcome none = run({"--run", "b/"});
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_EQ(none.err, "--run: no case of these suites matches b/\n");
}

TEST_F(PolicyTest, StopsAtTheFirstFailure) {
  write("a.yaml", std::string(kHead) + kFails + kPasses);
  const Outcome done = run({"--fail-fast", "--parallel", "2"});
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_THAT(done.out, HasSubstr("2 cases: 0 passed, 1 failed, 1 not run"));
}

TEST_F(PolicyTest, PrintsJson) {
  write("a.yaml", std::string(kHead) + kPasses + kFails);
  const auto report = nlohmann::json::parse(run({"-o", "json", "--coverage"}).out);
  EXPECT_EQ(report["summary"], nlohmann::json::parse(
                                   R"({"suites": 1, "cases": 2, "passed": 1, "failed": 1,
                                       "unusable": 0, "notRun": 0})"));
  const auto& failed = report["suites"][0]["cases"][1];
  EXPECT_EQ(failed["status"], "failed");
  EXPECT_EQ(failed["line"], 7);
  EXPECT_EQ(failed["differences"][0], nlohmann::json::parse(
                                          R"({"what": "allowed", "expected": false,
                                              "actual": true})"));
  EXPECT_GT(report["coverage"]["rules"].size(), 10U);
  EXPECT_GT(report["coverage"]["percent"], 0);
}

TEST_F(PolicyTest, PrintsJunit) {
  write("a.yaml", std::string(kHead) + kPasses + kFails + kPasses);
  write("a.yaml", std::string(kHead) + kPasses + kFails);
  std::istringstream text(run({"-o", "junit"}).out);
  boost::property_tree::ptree root;
  boost::property_tree::read_xml(text, root);
  const auto& all = root.get_child("testsuites");
  EXPECT_EQ(all.get<int>("<xmlattr>.tests"), 2);
  EXPECT_EQ(all.get<int>("<xmlattr>.failures"), 1);
  std::vector<std::string> names;
  for (const auto& [tag, one] : all.get_child("testsuite")) {
    if (tag != "testcase") continue;
    names.push_back(one.get<std::string>("<xmlattr>.name"));
    if (names.size() < 2) continue;
    EXPECT_EQ(one.get<std::string>("failure.<xmlattr>.message"), "allowed, finding missing");
    EXPECT_THAT(one.get<std::string>("failure"), HasSubstr("allowed:\n- false\n+ true\n"));
  }
  EXPECT_THAT(names, testing::ElementsAre("passes", "fails # <&>"));
}

// https://testanything.org/tap-version-14-specification.html: version, plan, test points each with
// at most one YAML diagnostic, indented by two.
TEST_F(PolicyTest, PrintsTap) {
  write("a.yaml",
        std::string(kHead) + kPasses + kFails + "- {name: last, expect: {allowed: true}}\n");
  const Outcome done = run({"-o", "tap", "--fail-fast"});
  std::istringstream lines(done.out);
  std::string line;
  std::getline(lines, line);
  EXPECT_EQ(line, "TAP version 14");
  std::getline(lines, line);
  EXPECT_EQ(line, "1..3");
  int points = 0;
  bool in_diagnostic = false;
  while (std::getline(lines, line)) {
    if (in_diagnostic) {
      EXPECT_TRUE(line.starts_with("  ")) << line;
      in_diagnostic = line != "  ...";
    } else if (line == "  ---") {
      in_diagnostic = true;
    } else {
      std::smatch match;
      ASSERT_TRUE(std::regex_match(
          line, match, std::regex(R"((not )?ok (\d+) - ((?:[^#\\]|\\#|\\\\)*)( # SKIP .*)?)")))
          << line;
      EXPECT_EQ(match[2], std::to_string(++points));
    }
  }
  EXPECT_FALSE(in_diagnostic);
  EXPECT_EQ(points, 3);
  EXPECT_THAT(done.out, HasSubstr("not ok 2 - a/fails \\# <&>\n  ---\n"));
  EXPECT_THAT(done.out, HasSubstr("ok 3 - a/last # SKIP not run\n"));
}

TEST_F(PolicyTest, MeasuresCoverage) {
  write("a.yaml", std::string(kHead) + kPasses);
  const Outcome shown = run({"--coverage"});
  EXPECT_EQ(shown.exit_code, 0);
  EXPECT_THAT(shown.out, HasSubstr("\nRULE "));
  EXPECT_THAT(shown.out, testing::ContainsRegex("\ncoverage: [0-9.]+ % \\([0-9]+ of [0-9]+\\)\n"));
  EXPECT_EQ(run({"--min-coverage", "1"}).exit_code, 0);
  const Outcome low = run({"--min-coverage", "50"});
  EXPECT_EQ(low.exit_code, 1);
  EXPECT_THAT(low.err, HasSubstr("coverage: expected at least 50 %, found "));
  EXPECT_THAT(low.out, Not(HasSubstr("RULE")));
}

TEST_F(PolicyTest, UpdatesFilesOfWholeObjects) {
  const std::string suite = std::string(kHead) +
                            "- {name: b, expect: {allowed: true, objectIsFile: b.pod.yaml}}\n"
                            "- {name: c, expect: {allowed: true, cvm: false, objectIsFile: "
                            "c.pod.yaml}}\n";
  write("a.yaml", suite);
  EXPECT_THAT(run({}).err, HasSubstr("b.pod.yaml: expected a pod, found no file; `cvm-webhook test "
                                     "--update` writes it"));
  const Outcome updated = run({"--update"});
  EXPECT_EQ(updated.exit_code, 1) << "another expectation of c is not met";
  EXPECT_EQ(updated.err, "updated " + path("b.pod.yaml") + "\n");
  EXPECT_THAT(read("b.pod.yaml"), HasSubstr("  runtimeClassName: cvm\n"));
  EXPECT_FALSE(std::filesystem::exists(path("c.pod.yaml")));
  EXPECT_EQ(read("a.yaml"), suite);
  EXPECT_EQ(run({"--update", "--run", "/b"}).err, "") << "nothing to update";

  write("c.pod.yaml", "kind: Pod\n");
  EXPECT_EQ(run({"--run", "/b"}).exit_code, 0);
  write("b.pod.yaml", "kind: Pod\n");
  const Outcome differs = run({"--run", "/b"});
  EXPECT_EQ(differs.exit_code, 1);
  EXPECT_THAT(differs.out, HasSubstr("object of " + path("b.pod.yaml")));
}

TEST_F(PolicyTest, OverwritesNothingButPods) {
  write("a.yaml",
        std::string(kHead) + "- {name: b, expect: {allowed: true, objectIsFile: x.yaml}}\n");
  write("x.yaml", "kind: Deployment\n");
  const Outcome done = run({"--update"});
  EXPECT_EQ(done.exit_code, 2);
  EXPECT_THAT(done.err,
              HasSubstr("x.yaml: expected a file with a pod in it, found something else"));
  EXPECT_EQ(read("x.yaml"), "kind: Deployment\n");

  write("a.yaml", std::string(kHead) +
                      "- {name: b, expect: {allowed: true, objectIsFile: y.yaml}}\n"
                      "- {name: c, pod: {metadata: {name: z}}, expect: {allowed: "
                      "true, objectIsFile: y.yaml}}\n");
  EXPECT_THAT(run({"--update"}).err, HasSubstr("expected a file of its own, found "));
  EXPECT_FALSE(std::filesystem::exists(path("y.yaml")));
}

TEST_F(PolicyTest, ReadsTheFilesThatASuiteNames) {
  const std::string examples = CVM_SOURCE_DIR "/examples/";
  write("a.yaml",
        "apiVersion: cvm-webhook.io/v1alpha1\nkind: CvmPolicyTest\nname: a\n"
        "settingsFile: " +
            std::filesystem::relative(examples, path("")).string() +
            "/settings.yaml\n"
            "nodesFiles: [nodes.yaml]\npodFile: pod.yaml\n"
            "cases:\n- name: b\n  pod: {metadata: {name: carol}}\n"
            "  expect: {allowed: true, object: {metadata: {name: carol}, spec: {initContainers: "
            "[{image: 'registry.example.com/envbox:0.6.6'}]}}, nodes: {hardened-1: {canHost: "
            "false, rules: [node-selinux]}}}\n");
  std::filesystem::copy(examples + "nodes.yaml", path("nodes.yaml"));
  std::filesystem::copy(examples + "workspace.yaml", path("pod.yaml"));
  const Outcome done = run({});
  EXPECT_EQ(done.exit_code, 0) << done.out << done.err;
  const std::string nodes = write("nodes.yaml", "kind: Node\nmetadata: {name: 5}\n");
  const std::string pod = write("pod.yaml", "a: [\n");
  const Outcome wrong = run({});
  EXPECT_EQ(wrong.exit_code, 2);
  EXPECT_THAT(wrong.err, HasSubstr(nodes + ":2:18: metadata.name: expected"));
  EXPECT_THAT(wrong.err, HasSubstr(pod + ":"));
}

TEST(Examples, HaveASuiteThatPasses) {
  const Outcome done = run_binary({"test", "examples"});
  EXPECT_EQ(done.exit_code, 0) << done.out << done.err;
}

// As a shell would split them: single quotes, and nothing after ">".
std::vector<std::string> words_of(const std::string& command) {
  std::vector<std::string> words;
  const std::regex word("'([^']*)'|([^ ']+)");
  for (std::sregex_iterator at(command.begin(), command.end(), word), end; at != end; ++at) {
    if (at->str() == ">") break;
    words.push_back((*at)[1].matched ? (*at)[1].str() : at->str());
  }
  words.erase(words.begin());
  return words;
}

TEST(Help, ShowsExamplesThatWork) {
  std::istringstream help(run_binary({"test", "--help"}).out);
  int count = 0;
  for (std::string line; std::getline(help, line);) {
    if (!line.starts_with("  cvm-webhook test") || line.ends_with("--watch")) continue;
    if (line.find("--min-coverage") != std::string::npos) continue;  // is run below
    ++count;
    const Outcome done = run_binary(words_of(line.substr(2)));
    EXPECT_EQ(done.exit_code, 0) << line << done.out << done.err;
    EXPECT_EQ(done.err, "") << line;
  }
  EXPECT_EQ(count, 4);
}

TEST(Readme, HasASuiteThatPasses) {
  std::ifstream stream(CVM_SOURCE_DIR "/README.md");
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  const std::size_t end_of_head = text.find("kind: CvmPolicyTest\n");
  ASSERT_NE(end_of_head, std::string::npos);
  const std::size_t begin = text.rfind("```yaml\n", end_of_head) + 8;
  const std::string suite = text.substr(begin, text.find("\n```", begin) + 1 - begin);
  const std::string file = testing::TempDir() + "readme-suite.yaml";
  std::ofstream(file) << suite;
  const Outcome done = run_binary({"test", file});
  EXPECT_EQ(done.exit_code, 0) << done.out << done.err;
}

TEST(PolicySuites, ShowEveryRuleAndEveryPartOfThePlan) {
  const Outcome done =
      run_binary({"test", "tests/policies", "--coverage", "--min-coverage", "100"});
  EXPECT_EQ(done.exit_code, 0) << done.out << done.err;
}

}  // namespace
}  // namespace cvm::webhook
