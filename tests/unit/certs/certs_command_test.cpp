// certs issue and inspect as they are typed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "certs/certificate.hpp"
#include "certs/files.hpp"
#include "webhook/commands/commands.hpp"

namespace cvm::webhook {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

struct Ran {
  int status = 0;
  std::string out, err;
};

class CertsCommand : public testing::Test {
 protected:
  CertsCommand() {
    std::string name = testing::TempDir() + "cvm-certs-XXXXXX";
    directory_ = ::mkdtemp(name.data());
  }
  ~CertsCommand() override { fs::remove_all(directory_); }

  std::string path(const std::string& name) const { return directory_ + "/" + name; }
  std::string content(const std::string& name) const {
    return certs::read_file(path(name)).value();
  }
  mode_t mode(const std::string& name) const {
    struct stat status{};
    EXPECT_EQ(::stat(path(name).c_str(), &status), 0) << name;
    return status.st_mode & 07777;
  }

  Ran run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"cvm-webhook", "certs"});
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    Ran ran;
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    ran.status = run_command_line(static_cast<int>(argv.size()), argv.data());
    ran.out = testing::internal::GetCapturedStdout();
    ran.err = testing::internal::GetCapturedStderr();
    return ran;
  }

  Ran issue(std::vector<std::string> more) const {
    more.insert(more.begin(), {"issue", "--dir", directory_});
    return run(std::move(more));
  }

  std::string directory_;
};

TEST_F(CertsCommand, IssuesForAServiceAndWritesKeysForTheirOwnerOnly) {
  const Ran ran = issue({"--service", "hook", "--namespace", "ns", "--ip", "10.0.0.1"});
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(mode("ca.key"), 0600U);
  EXPECT_EQ(mode("tls.key"), 0600U);
  EXPECT_EQ(mode("ca.crt"), 0644U);
  EXPECT_EQ(mode("tls.crt"), 0644U);
  const auto facts =
      certs::check_pair({content("tls.crt"), content("tls.key")}, std::chrono::system_clock::now());
  ASSERT_TRUE(facts);
  EXPECT_THAT(facts->dns_names,
              ElementsAre("hook.ns.svc", "hook.ns.svc.cluster.local", "hook.ns", "hook"));
  EXPECT_THAT(facts->ip_addresses, ElementsAre("10.0.0.1"));
}

TEST_F(CertsCommand, OverwritesNothingUnlessForced) {
  ASSERT_EQ(issue({"--dns", "a"}).status, 0);
  const std::string before = content("tls.key");
  fs::remove(path("ca.crt"));
  const Ran refused = issue({"--dns", "a"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, HasSubstr("exists; give --force to overwrite it"));
  // Nothing was written before it was noticed.
  EXPECT_FALSE(fs::exists(path("ca.crt")));
  EXPECT_EQ(content("tls.key"), before);
  ASSERT_EQ(issue({"--dns", "a", "--force"}).status, 0);
  EXPECT_NE(content("tls.key"), before);
}

TEST_F(CertsCommand, NextCertificateOfTheSameCaLeavesTheCaAlone) {
  ASSERT_EQ(issue({"--dns", "a"}).status, 0);
  const std::string ca = content("ca.crt");
  const std::string ca_key = content("ca.key");
  const Ran ran = issue({"--dns", "b", "--validity", "2d", "--ca-cert", path("ca.crt"), "--ca-key",
                         path("ca.key"), "--force"});
  ASSERT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(content("ca.crt"), ca);
  EXPECT_EQ(content("ca.key"), ca_key);
  const auto facts = certs::inspect(content("tls.crt")).value();
  EXPECT_EQ(facts[0].subject, "CN=b");
  EXPECT_LT(facts[0].not_after, std::chrono::system_clock::now() + std::chrono::hours{49});
}

TEST_F(CertsCommand, RefusesWhatCannotBeIssuedAndWritesNothing) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{}, "needs at least one DNS name or IP address"},
      {{"--dns", "a b"}, "\"a b\" is not a DNS name"},
      {{"--dns", "a", "--validity", "1y"}, "\"1y\" is not a validity; expected hours or days"},
      {{"--dns", "a", "--validity", "h"}, "\"h\" is not a validity"},
      {{"--dns", "a", "--validity", "99999999h"}, "\"99999999h\" is not a validity"},
      {{"--dns", "a", "--validity", "0h"}, "a validity of 0h"},
      {{"--dns", "a", "--ca-cert", "/none", "--ca-key", "/none"}, "cannot open /none"},
  };
  for (const auto& [arguments, error] : cases) {
    const Ran ran = issue(arguments);
    EXPECT_EQ(ran.status, 2) << error;
    EXPECT_THAT(ran.err, HasSubstr(error));
    EXPECT_TRUE(fs::is_empty(directory_)) << error;
  }
  EXPECT_EQ(issue({"--dns", "a", "--ca-cert", "x"}).status, 2);
}

TEST_F(CertsCommand, InspectsSeveralFilesAsJson) {
  ASSERT_EQ(issue({"--dns", "a"}).status, 0);
  const Ran ran = run({"inspect", "-o", "json", path("tls.crt"), path("ca.crt")});
  ASSERT_EQ(ran.status, 0) << ran.err;
  const auto all = nlohmann::json::parse(ran.out);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0]["file"], path("tls.crt"));
  EXPECT_EQ(all[0]["dnsNames"], nlohmann::json({"a"}));
  EXPECT_EQ(all[0]["daysLeft"], 364);
  EXPECT_EQ(all[0]["valid"], true);
  EXPECT_EQ(all[1]["isCA"], true);
}

TEST_F(CertsCommand, InspectSaysWhenACertificateExpired) {
  const auto then = std::chrono::system_clock::now() - std::chrono::hours{24 * 10};
  certs::CaOptions options;
  options.validity = std::chrono::hours{24 * 7};
  std::ofstream(path("old.crt")) << certs::issue_ca(options, then).value().certificate_pem;
  const Ran ran = run({"inspect", path("old.crt")});
  EXPECT_EQ(ran.status, 0);
  EXPECT_THAT(ran.out, HasSubstr("(expired 3 days ago)"));
}

TEST_F(CertsCommand, InspectNamesEveryFileThatCannotBeReadAndShowsTheOthers) {
  ASSERT_EQ(issue({"--dns", "a"}).status, 0);
  const Ran ran = run({"inspect", path("none"), path("tls.crt"), path("tls.key")});
  EXPECT_EQ(ran.status, 2);
  EXPECT_THAT(ran.out, HasSubstr("DNS name     a\n"));
  EXPECT_THAT(ran.err, HasSubstr("cannot open " + path("none")));
  EXPECT_THAT(ran.err, HasSubstr(path("tls.key") + ": no PEM certificate"));
}

}  // namespace
}  // namespace cvm::webhook
