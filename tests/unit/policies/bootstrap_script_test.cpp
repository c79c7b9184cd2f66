#include "policies/mutations/wrap/bootstrap_script.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <stdexcept>

namespace cvm {
namespace {

using Words = std::vector<std::string>;

// What a workspace container gives, and what a real shell makes of its script.
class BootstrapScript : public ::testing::Test {
 protected:
  BootstrapScript() : container_(std::pmr::new_delete_resource()) {}

  void set(const std::string& name, const std::string& value) {
    EnvVar variable;
    variable.name = keep(name);
    variable.value = keep(value);
    container_.env.push_back(variable);
  }

  void set_command(const Words& command, const Words& args = {}) {
    for (const std::string& word : command) container_.command.push_back(keep(word));
    for (const std::string& word : args) container_.args.push_back(keep(word));
  }

  // The output of `/bin/sh -s` that is fed the script, in an environment of these variables alone.
  std::string run(const std::map<std::string, std::string>& environment = {},
                  std::span<const std::size_t> exported = {}) {
    const std::string file = ::testing::TempDir() + "bootstrap-" + std::to_string(getpid()) + ".sh";
    std::ofstream(file) << bootstrap_script(container_, exported);
    std::string line = "env -i PATH=/usr/bin:/bin";
    for (const auto& [name, value] : environment) line += " " + name + "='" + value + "'";
    line += " /bin/sh -s < '" + file + "' 2>&1";
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(line.c_str(), "r"), pclose);
    if (!pipe) throw std::runtime_error("popen");
    std::string output;
    char buffer[4096];
    for (std::size_t count = 0; (count = fread(buffer, 1, sizeof buffer, pipe.get())) > 0;) {
      output.append(buffer, count);
    }
    std::remove(file.c_str());
    return output;
  }

  std::string_view keep(std::string text) {
    return *kept_.emplace_back(std::make_unique<std::string>(std::move(text)));
  }

  Container container_;

 private:
  std::vector<std::unique_ptr<std::string>> kept_;
};

std::string joined(const Words& words) {
  std::string text;
  for (const std::string& word : words) text += "<" + word + ">";
  return text;
}

TEST_F(BootstrapScript, GivesEveryArgumentAsItIs) {
  const Words words = {"",           " ",        "a b",     "'",       "''",    "\"",     "\\",
                       "\\n",        "$HOME",    "${HOME}", "`date`",  "$(",    "$",      "$$x",
                       "*",          "~",        "#",       "&& exit", "-n",    "!",      "\n",
                       "two\nlines", "\t\r\x01", "Grüße",   "世界 🚀", "a;b|c", "$(date", "%s"};
  Words expected = words;
  expected[13] = "$x";  // the kubelet makes one $ of two
  set_command({"printf", "<%s>"}, words);
  EXPECT_EQ(run(), joined(expected));
}

TEST_F(BootstrapScript, GivesGeneratedArgumentsAsTheyAre) {
  std::mt19937 random(1);
  Words words;
  for (int count = 0; count < 300; ++count) {
    std::string word;
    for (auto length = random() % 12; length > 0; --length) {
      char character = static_cast<char>(1 + random() % 127);
      if (character == '$') character = '\'';
      word += character;
    }
    words.push_back(word);
  }
  set_command({"printf", "<%s>"}, words);
  EXPECT_EQ(run(), joined(words));
}

TEST_F(BootstrapScript, ExpandsReferencesAsTheKubeletDoes) {
  set("WHO", "unused");
  set_command(
      {"printf", "<%s>", "$(WHO)", "it's $(WHO)!", "$$(WHO)", "$(NOBODY)", "$(WHO", "$$$(WHO)"});
  EXPECT_EQ(run({{"WHO", "a  b *"}}), "<a  b *><it's a  b *!><$(WHO)><$(NOBODY)><$(WHO><$a  b *>");
}

TEST_F(BootstrapScript, ExpandsVariablesOfTheKubeletAndOfPrefixes) {
  container_.env_from.push_back({.prefix = "APP_"});
  set_command({"printf", "<%s>", "$(KUBERNETES_SERVICE_HOST)", "$(APP_KEY)"});
  EXPECT_EQ(run({{"KUBERNETES_SERVICE_HOST", "10.0.0.1"}, {"APP_KEY", "k"}}), "<10.0.0.1><k>");
}

TEST_F(BootstrapScript, ExportsVariablesInTheirOrder) {
  set("PATH", "/opt/it's/bin:/usr/bin:/bin");
  set("OTHER", "x");
  set("HOME", "$(PATH)/home");
  set_command({"env"});
  const std::size_t exported[] = {0, 2};
  const std::string output = run({}, exported);
  EXPECT_NE(output.find("\nPATH=/opt/it's/bin:/usr/bin:/bin\n"), std::string::npos) << output;
  EXPECT_NE(output.find("HOME=/opt/it's/bin:/usr/bin:/bin/home\n"), std::string::npos) << output;
  EXPECT_EQ(output.find("OTHER"), std::string::npos) << "envbox passes it on";
}

TEST_F(BootstrapScript, RunsTheHookInTheBackground) {
  LifecycleAction& hook =
      container_.lifecycle_actions.emplace_back(std::pmr::new_delete_resource());
  hook.where = "lifecycle.postStart";
  hook.kind = LifecycleAction::Kind::kExec;
  hook.command = {"sh", "-c", "sleep 0.2; echo hook"};
  set_command({"echo", "workspace"});
  EXPECT_EQ(run(), "workspace\nhook\n");
}

TEST_F(BootstrapScript, IsEmptyWithoutAnythingToRun) {
  EXPECT_EQ(bootstrap_script(container_, {}), "");
}

TEST_F(BootstrapScript, NamesReferencesThatNoShellCanExpress) {
  set("a.b", "1");
  const ShellWords words(container_);
  EXPECT_EQ(words.inexpressible_name("x $(a.b)"), "a.b");
  EXPECT_EQ(words.inexpressible_name("$$(a.b) $(c.d)"), "") << "no variable of the container";
  EXPECT_EQ(words.service_name("$(a.b) $(date) $(DB_SERVICE_HOST)"), "DB_SERVICE_HOST");
}

}  // namespace
}  // namespace cvm
