// The commands that need no cluster, and the command line itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "run_binary.hpp"

namespace cvm::webhook {
namespace {

using testing::HasSubstr;

TEST(CommandLine, PrintsItsVersion) {
  const Outcome run = run_binary({"--version"});
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_THAT(run.out, testing::MatchesRegex("cvm-webhook [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST(CommandLine, HelpsWithExamplesForEveryCommand) {
  const std::vector<std::vector<std::string>> commands = {{"serve"},
                                                          {"eval"},
                                                          {"nodes"},
                                                          {"certs", "issue"},
                                                          {"certs", "inspect"},
                                                          {"config", "check"},
                                                          {"config", "defaults"},
                                                          {"config", "schema"},
                                                          {"rules", "list"},
                                                          {"rules", "explain"},
                                                          {"completion"},
                                                          {"man"},
                                                          {"version"},
                                                          {"replay"},
                                                          {"doctor"},
                                                          {"test"}};
  for (std::vector<std::string> command : commands) {
    command.push_back("--help");
    const Outcome run = run_binary(command);
    EXPECT_EQ(run.exit_code, 0) << command[0];
    EXPECT_THAT(run.out, HasSubstr("Examples:\n  ")) << command[0];
    EXPECT_EQ(run.err, "") << command[0];
  }
  EXPECT_EQ(run_binary({"--help"}).exit_code, 0);
}

TEST(CommandLine, ExitsWithTwoWhenItIsWrong) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{},
                                             {"eval"},
                                             {"eval", "-f"},
                                             {"eval", "--what"},
                                             {"nodes"},
                                             {"config"},
                                             {"rules"},
                                             {"test"},
                                             {"test", "examples", "-o", "xml"},
                                             {"test", "examples", "--run", "("},
                                             {"test", "examples", "--min-coverage", "101"},
                                             {"eval", "-f", "x", "-o", "xml"},
                                             {"rules", "list", "-o", "yaml"},
                                             {"rules", "explain"},
                                             {"rules", "explain", "no-such-rule"},
                                             {"completion"},
                                             {"completion", "tcsh"},
                                             {"version", "-o", "yaml"}}) {
    const Outcome run = run_binary(arguments);
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_NE(run.err, "");
    EXPECT_EQ(run.out, "");
  }
  EXPECT_EQ(run_binary({"evl"}).err,
            "unknown command evl; did you mean eval?\nRun with --help for more information.\n");
  EXPECT_EQ(run_binary({"config", "chek", "x"}).err,
            "unknown command config chek; did you mean check?\nRun with --help for more "
            "information.\n");
  EXPECT_THAT(run_binary({"rules", "list", "-o", "jsn"}).err,
              HasSubstr("expected table, json or markdown, found \"jsn\"; did you mean json?"));
}

// tests/cli looks at what these print; here they run under the sanitizers.
TEST(CommandLine, DescribesItselfToShellsEditorsAndManualReaders) {
  EXPECT_EQ(run_binary({"__complete", "rules", "explain", "mirror"}).out, "mirror-pod\n:4\n");
  EXPECT_EQ(run_binary({"__complete", "eval", "--output", "=", "p"}).out, "patch\n:4\n");
  EXPECT_EQ(run_binary({"__complete"}).exit_code, 0);
  EXPECT_EQ(run_binary({"__complete", "what", "--ever=", "--", "="}).exit_code, 0);
  const auto schema = nlohmann::json::parse(run_binary({"config", "schema"}).out);
  EXPECT_EQ(schema["properties"]["mode"]["enum"],
            (nlohmann::json{"supervised", "native", nullptr}));
  EXPECT_THAT(run_binary({"man"}).out, HasSubstr(".SH NAME\ncvm\\-webhook"));
  EXPECT_THAT(run_binary({"completion", "bash"}).out, HasSubstr("complete -F _cvm_webhook"));
  EXPECT_THAT(run_binary({"version"}).out, HasSubstr("compiler"));
  EXPECT_THAT(run_binary({"rules", "explain", "cvm/gpu-cloud"}).out, HasSubstr("gpu.allowClouds"));
}

TEST(Config, TellsEveryMistake) {
  const Outcome run = run_binary({"config", "check", "tests/data/settings/mistakes.yaml"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.out, "");
  EXPECT_EQ(
      run.err,
      "tests/data/settings/mistakes.yaml:3:1: cacheing: unknown key; did you mean caching?\n"
      "tests/data/settings/mistakes.yaml:4:7: mode: expected supervised or native, found "
      "\"nativ\"; did you mean native?\n"
      "tests/data/settings/mistakes.yaml:6:17: rules.node-selinux: expected deny, warn, audit "
      "or off, found \"warm\"; did you mean warn?\n");
}

TEST(Config, ChecksEveryFile) {
  const Outcome run = run_binary({"config", "check", "tests/data/settings/mistakes.yaml",
                                  "tests/data/settings/pinned.yaml", "absent.yaml"});
  EXPECT_EQ(run.exit_code, 2);
  EXPECT_EQ(run.out, "tests/data/settings/pinned.yaml: usable\n");
  EXPECT_THAT(run.err, HasSubstr("absent.yaml: cannot be read: No such file or directory\n"));
}

TEST(Config, PrintsDefaultsThatItTakes) {
  const Outcome defaults = run_binary({"config", "defaults"});
  EXPECT_EQ(defaults.exit_code, 0);
  const Outcome check = run_binary({"config", "check", "-"}, defaults.out);
  EXPECT_EQ(check.exit_code, 0);
  EXPECT_EQ(check.out, "<stdin>: usable\n");
  EXPECT_EQ(check.err, "") << "no notes either";
}

TEST(Config, TakesTheSettingsThatTheManifestsShip) {
  const Outcome run = run_binary({"config", "check", "manifests/base/settings.yaml"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
}

TEST(Rules, AreListedWithTheirDefaults) {
  const Outcome table = run_binary({"rules", "list"});
  EXPECT_EQ(table.exit_code, 0);
  EXPECT_THAT(table.out, testing::ContainsRegex("\nnode-selinux +deny +SELinux is enabled"));
  const Outcome json = run_binary({"rules", "list", "-o", "json"});
  const auto rules = nlohmann::json::parse(json.out);
  EXPECT_GT(rules.size(), 10u);
  for (const auto& rule : rules) {
    EXPECT_THAT(table.out, HasSubstr("\n" + rule["id"].get<std::string>() + " "));
    EXPECT_FALSE(rule["summary"].get<std::string>().empty());
  }
}

}  // namespace
}  // namespace cvm::webhook
