// Credential plugins: shell scripts in the place of the programs of cloud providers.
#include "webhook/kubernetes/access/credential_plugin.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "certs/certificate.hpp"

namespace cvm::webhook {
namespace {

namespace fs = std::filesystem;

constexpr const char* kVersion = "client.authentication.k8s.io/v1";

class CredentialPlugins : public testing::Test {
 protected:
  CredentialPlugins() {
    std::string name = testing::TempDir() + "cvm-plugin-XXXXXX";
    directory_ = ::mkdtemp(name.data());
    access_.plugin.emplace();
    access_.plugin->place = "config: users[u].user.exec";
    access_.plugin->api_version = kVersion;
    access_.plugin->interaction = CredentialPlugin::Interaction::kNever;
  }
  ~CredentialPlugins() override { fs::remove_all(directory_); }

  std::string path(const std::string& name) const { return (directory_ / name).string(); }

  // The plugin becomes a script of these lines.
  void write(const std::string& lines) {
    access_.plugin->command = path("cvm-login");
    fs::remove(path("cvm-login"));
    std::ofstream script(path("cvm-login"));
    script << "#!/bin/sh\n" << lines << std::flush;
    EXPECT_TRUE(script.good());
    fs::permissions(path("cvm-login"), fs::perms::owner_all);
  }

  // A script that prints this status.
  void answer(const nlohmann::json& status, const std::string& version = kVersion) {
    const nlohmann::json credential = {
        {"apiVersion", version}, {"kind", "ExecCredential"}, {"status", status}};
    write("cat <<'END'\n" + credential.dump() + "\nEND\n");
  }

  // The message after the plugin's place and name; "" when it went well.
  std::string run() {
    const Result<void> done = run_credential_plugin(access_);
    if (done) return "";
    std::string message = done.error().message;
    for (const std::string& prefix :
         {access_.plugin->place + ": ", "\"" + access_.plugin->command + "\" "}) {
      if (message.starts_with(prefix)) message.erase(0, prefix.size());
    }
    return message;
  }

  std::string read(const std::string& name) const {
    std::ifstream file(path(name));
    return {std::istreambuf_iterator<char>(file), {}};
  }

  fs::path directory_;
  ClusterAccess access_;
};

TEST_F(CredentialPlugins, GiveAToken) {
  answer({{"token", "abc"}, {"expirationTimestamp", "2030-01-01T00:00:00Z"}});
  EXPECT_EQ(run(), "");
  EXPECT_EQ(access_.token, "abc");
  EXPECT_EQ(access_.client_certificate_pem, "");
}

TEST_F(CredentialPlugins, GiveACertificate) {
  const auto now = std::chrono::system_clock::now();
  certs::CaOptions ca_options;
  ca_options.common_name = "test CA";
  certs::ServingOptions options;
  options.dns_names = {"client"};
  const certs::KeyPair ca = certs::issue_ca(ca_options, now).value();
  const certs::KeyPair pair = certs::issue_serving(ca, options, now).value();
  answer({{"clientCertificateData", pair.certificate_pem}, {"clientKeyData", pair.key_pem}});
  EXPECT_EQ(run(), "");
  EXPECT_EQ(access_.client_certificate_pem, pair.certificate_pem);
  EXPECT_EQ(access_.client_key_pem, pair.key_pem);
  answer({{"clientCertificateData", pair.certificate_pem}, {"clientKeyData", ca.key_pem}});
  EXPECT_TRUE(run().starts_with("printed a certificate that cannot be used: the private key"));
  answer({{"clientCertificateData", pair.certificate_pem}});
  EXPECT_EQ(run(), "printed one of clientCertificateData and clientKeyData alone");
}

TEST_F(CredentialPlugins, AreNotRunWhereThereIsNone) {
  access_.plugin.reset();
  access_.token = "mine";
  EXPECT_TRUE(run_credential_plugin(access_));
  EXPECT_EQ(access_.token, "mine");
}

TEST_F(CredentialPlugins, AreToldOfTheCallAndTheCluster) {
  ::setenv("OURS", "inherited", 1);
  write("printf '%s\\n' \"$@\" \"$OURS\" \"$THEIRS\" > " + path("told") + "\ncat > " +
        path("input") + "\nprintf %s \"$KUBERNETES_EXEC_INFO\" > " + path("info") +
        "\nprintf "
        "'{\"kind\":\"ExecCredential\",\"apiVersion\":\"%s\",\"status\":{\"token\":\"t\"}}' " +
        kVersion);
  access_.plugin->arguments = {"get token", "$HOME", ""};
  access_.plugin->environment = {{"THEIRS", "set; here"}};
  access_.plugin->cluster = R"({"server":"https://a"})";
  EXPECT_EQ(run(), "");
  EXPECT_EQ(read("told"), "get token\n$HOME\n\ninherited\nset; here\n");
  EXPECT_EQ(read("input"), "");
  EXPECT_EQ(nlohmann::json::parse(read("info")), nlohmann::json::parse(R"({"kind": "ExecCredential",
                                      "apiVersion": "client.authentication.k8s.io/v1",
                                      "spec": {"interactive": false,
                                               "cluster": {"server": "https://a"}}})"));
}

TEST_F(CredentialPlugins, AreFoundInThePath) {
  answer({{"token", "abc"}});
  const std::string before = std::getenv("PATH");
  ::setenv("PATH", (directory_.string() + ":" + before).c_str(), 1);
  access_.plugin->command = "cvm-login";
  EXPECT_EQ(run(), "");
  EXPECT_EQ(access_.token, "abc");
  ::setenv("PATH", before.c_str(), 1);
  EXPECT_EQ(run(), "there is no program \"cvm-login\"");
  access_.plugin->install_hint = "install it";
  EXPECT_EQ(run(), "there is no program \"cvm-login\"; install it");
  access_.plugin->install_hint = "\x1b[2Jinstall\nit\r";
  EXPECT_EQ(run(), "there is no program \"cvm-login\"; [2Jinstall\nit");
}

TEST_F(CredentialPlugins, ThatFailAreErrors) {
  write("exit 3\n");
  EXPECT_EQ(run(), "failed with exit status 3");
  write("kill -9 $$\n");
  EXPECT_EQ(run(), "was ended by signal 9");
  fs::permissions(path("cvm-login"), fs::perms::owner_read);
  EXPECT_EQ(run(), "cannot be run: Permission denied");
  access_.plugin->command = path("none");
  EXPECT_EQ(run(), "there is no program \"" + path("none") + "\"");
  write("exec cat /dev/zero\n");
  EXPECT_EQ(run(), "printed more than 1 MiB");
}

// While it is there, the standard input is that file.
class StandardInput {
 public:
  explicit StandardInput(int file) : before_(::dup(STDIN_FILENO)) { ::dup2(file, STDIN_FILENO); }
  ~StandardInput() {
    ::dup2(before_, STDIN_FILENO);
    ::close(before_);
  }
  StandardInput(const StandardInput&) = delete;
  StandardInput& operator=(const StandardInput&) = delete;

 private:
  int before_;
};

TEST_F(CredentialPlugins, ThatWantAPersonNeedATerminal) {
  const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ASSERT_GE(nothing, 0);
  {
    const StandardInput input(nothing);
    answer({{"token", "abc"}});
    access_.plugin->interaction = CredentialPlugin::Interaction::kAlways;
    EXPECT_EQ(run(), "wants to ask the user, and the standard input is no terminal");
    access_.plugin->interaction = CredentialPlugin::Interaction::kIfAvailable;
    EXPECT_EQ(run(), "");
  }
  ::close(nothing);
}

TEST_F(CredentialPlugins, MayAskAPersonAtATerminal) {
  int ours = -1, theirs = -1;
  ASSERT_EQ(::openpty(&ours, &theirs, nullptr, nullptr, nullptr), 0);
  {
    const StandardInput input(theirs);
    write(std::string("read word\ncase $KUBERNETES_EXEC_INFO in *'\"interactive\":true'*) ;; *) "
                      "exit 9 ;; esac\n"
                      "printf '{\"kind\":\"ExecCredential\",\"apiVersion\":\"%s\","
                      "\"status\":{\"token\":\"%s\"}}' ") +
          kVersion + " \"$word\"\n");
    for (const auto mode :
         {CredentialPlugin::Interaction::kIfAvailable, CredentialPlugin::Interaction::kAlways}) {
      access_.plugin->interaction = mode;
      access_.token.clear();
      ASSERT_EQ(::write(ours, "typed\n", 6), 6);
      EXPECT_EQ(run(), "");
      EXPECT_EQ(access_.token, "typed");
    }
  }
  ::close(theirs);
  ::close(ours);
}

TEST_F(CredentialPlugins, WhatTheyPrintIsCheckedAndNeverRepeated) {
  for (const char* text : {"", "secret", "[]", "{\"kind\": \"Secret\"}", "{\"kind\": 5}"}) {
    write(std::string("printf '%s' '") + text + "'\n");
    EXPECT_EQ(run(), "printed no ExecCredential") << text;
  }
  answer({{"token", "secret"}}, "client.authentication.k8s.io/v1beta1");
  EXPECT_EQ(run(), "printed another apiVersion than client.authentication.k8s.io/v1");
  answer(nullptr);
  EXPECT_EQ(run(), "printed no status");
  answer(nlohmann::json::object());
  EXPECT_EQ(run(), "printed neither a token nor a certificate");
  answer({{"token", 5}});
  EXPECT_EQ(run(), "printed a status.token that is no string");
  for (const char* token : {"a\nb", "a b", "a\r", "é", "a\x7f"}) {
    answer({{"token", token}});
    EXPECT_EQ(run(), "printed a token with a blank in it, or with characters that are not ASCII");
  }
  answer({{"token", "secret"}});
  access_.tls = false;
  EXPECT_EQ(run(), "its token would be sent in the clear; the server must be https");
  EXPECT_EQ(access_.token, "");
}

}  // namespace
}  // namespace cvm::webhook
