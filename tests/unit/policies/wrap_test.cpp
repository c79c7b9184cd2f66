// The parts of placement wrap that stand alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policies/mutations/obeyed_variables.hpp"
#include "policies/mutations/wrap/inner_mounts.hpp"
#include "policies/mutations/wrap/lifecycle_actions.hpp"

namespace cvm {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Arena* arena() { return std::pmr::new_delete_resource(); }

TEST(InnerMounts, AreInHomeWhereEnvboxGivesThemToTheUser) {
  EXPECT_EQ(supervisor_mount_path("/home/dev"), "/home/dev");
  EXPECT_EQ(supervisor_mount_path("/root"), "/home/%2Froot");
  EXPECT_EQ(supervisor_mount_path("/data/a b%"), "/home/%2Fdata%2Fa b%25");
  EXPECT_EQ(supervisor_mount_path("/home/dev/src"), "/home/%2Fhome%2Fdev%2Fsrc");
}

TEST(InnerMounts, LieOverNothingOfTheSupervisors) {
  for (std::string_view path :
       {"/", "/usr/bin", "/envbox", "/etc", "/home", "/home/", "/home/..", "/home/.",
        "/home/../usr", "/var/lib/sysbox", "/usr/src", "/var/run/secrets/",
        "/var/run/secrets/../../lib", "/var/run/secrets/a/b", "/root"}) {
    const std::string there = supervisor_mount_path(path);
    EXPECT_TRUE(there.starts_with("/home/%2F")) << there;
    EXPECT_EQ(there.find('/', 6), std::string::npos) << there;
  }
  EXPECT_EQ(supervisor_mount_path("/var/run/secrets/kubernetes.io/serviceaccount"),
            "/var/run/secrets/kubernetes.io/serviceaccount");
  EXPECT_EQ(supervisor_mount_path("/var/lib/docker"), "/var/lib/coder/docker");
}

TEST(InnerMounts, AreFoundAgain) {
  for (std::string_view path :
       {"/home/dev", "/root", "/data/a b%2F", "/home/%2Fx", "/", "//", "/var/lib/docker",
        "/var/run/secrets/x", "/var/run/secrets/a/b", "/home/ü"}) {
    EXPECT_EQ(inner_mount_path(supervisor_mount_path(path)), path);
  }
  for (std::string_view path : {"/usr/bin", "/home", "/home/", "/home/..", "/home/a/b", "/home/%",
                                "/home/%2", "/home/%2fx", "/home/%2Fhome%2Fdev", "/root", ""}) {
    EXPECT_EQ(inner_mount_path(path), std::nullopt) << path << " is no place for a user's volume";
  }
}

TEST(InnerMounts, SayWhichPathsEnvboxCannotBeTold) {
  EXPECT_NE(mount_path_problem("data"), "");
  EXPECT_NE(mount_path_problem("/a,b"), "");
  EXPECT_NE(mount_path_problem("/a:b"), "");
  EXPECT_NE(mount_path_problem("/" + std::string(253, 'x')), "");
  EXPECT_EQ(mount_path_problem("/" + std::string(252, 'x')), "");
  EXPECT_EQ(mount_path_problem("/home/dev"), "");
}

TEST(ObeyedVariables, ObeyNoVariableOfAWorkspace) {
  for (std::string_view name :
       {"PATH", "LD_PRELOAD", "LD_LIBRARY_PATH", "DOCKER_HOST", "BASH_ENV", "MODPROBE_OPTIONS",
        "XTABLES_LIBDIR", "HOME", "TMPDIR", "GODEBUG", "SYSBOX_X", "NVIDIA_VISIBLE_DEVICES"}) {
    EXPECT_EQ(use_of_variable(name), VariableUse::kPrograms) << name;
  }
  for (std::string_view name : {"CODER_MOUNTS", "CODER_INNER_IMAGE", "CODER_ADD_FUSE"}) {
    EXPECT_EQ(use_of_variable(name), VariableUse::kEnvbox) << name;
  }
  for (std::string_view name :
       {"CODER_AGENT_TOKEN", "CODER_AGENT_URL", "PATHS", "path", "APP_HOME", "TERM", "LANG"}) {
    EXPECT_EQ(use_of_variable(name), VariableUse::kNone) << name;
  }
}

TEST(ObeyedVariables, ObeyNothingThatAPrefixCanBegin) {
  EXPECT_TRUE(is_unused_prefix("APP_"));
  for (std::string_view prefix : {"", "P", "PATH", "LD", "LD_", "LD_X", "CODER_", "DOCKER_APP_"}) {
    EXPECT_FALSE(is_unused_prefix(prefix)) << prefix;
  }
}

TEST(ObeyedVariables, TellEnvboxNamesThatItReadsAsTheyAre) {
  EXPECT_TRUE(can_be_listed("a.b-c"));
  for (std::string_view name : {"", "A,B", "A*", "*", " A", "A "}) {
    EXPECT_FALSE(can_be_listed(name)) << name;
  }
}

TEST(InnerAddress, IsTheSecondOfTheNetwork) {
  EXPECT_EQ(inner_address("172.19.0.0/30"), "172.19.0.2");
  EXPECT_EQ(inner_address("10.0.255.252/30"), "10.0.255.254");
}

class InnerActions : public ::testing::Test {
 protected:
  InnerActions() : container_(arena()), action_(arena()) {
    container_.ports.push_back({.name = "http", .container_port = 8080, .host_port = {}});
    action_.where = "livenessProbe";
  }

  std::vector<std::string> carried() const { return carried_command(action_, container_, inner_); }

  bool is_carried(std::initializer_list<std::string_view> command) const {
    return is_carried_command(std::pmr::vector<std::string_view>(command), inner_);
  }

  Container container_;
  LifecycleAction action_;
  InnerTarget inner_{.address = "172.19.0.2", .user = "1000"};
};

TEST_F(InnerActions, RunCommandsInTheInnerContainer) {
  action_.kind = LifecycleAction::Kind::kExec;
  action_.command = {"cat", "--privileged"};
  EXPECT_THAT(carried(),
              ElementsAre("docker", "exec", "--user=1000", "workspace_cvm", "cat", "--privileged"));
}

TEST_F(InnerActions, AskTheInnerContainerByItsAddress) {
  action_.kind = LifecycleAction::Kind::kHttpGet;
  action_.port = "http";
  action_.path = "healthz?full=1";
  EXPECT_EQ(carried().back(), "http://172.19.0.2:8080/healthz?full=1");
  action_.scheme = "HTTPS";
  action_.port = "1";
  action_.path = "/@example.com";
  EXPECT_EQ(carried().back(), "https://172.19.0.2:1/@example.com");
  action_.path = "/$(A)$$";
  EXPECT_EQ(carried().back(), "https://172.19.0.2:1/$$(A)$$$$") << "the kubelet expands it";
  action_.where = "lifecycle.preStop";
  EXPECT_EQ(carried().back(), "https://172.19.0.2:1/$(A)$$") << "and nothing of a hook";
  action_.kind = LifecycleAction::Kind::kTcpSocket;
  EXPECT_THAT(carried(),
              ElementsAre("bash", "-c", R"(exec 3<>"/dev/tcp/$0/$1")", "172.19.0.2", "1"));
}

TEST_F(InnerActions, LeaveOutWhatCannotBeAsked) {
  action_.kind = LifecycleAction::Kind::kHttpGet;
  for (std::string_view port : {"", "0", "65536", "-1", "01", "8080x", "grpc"}) {
    action_.port = port;
    EXPECT_THAT(carried(), IsEmpty()) << port;
  }
  action_.port = "80";
  action_.host = "example.com";
  EXPECT_THAT(carried(), IsEmpty());
  action_.host = {};
  action_.has_http_headers = true;
  EXPECT_THAT(carried(), IsEmpty());
  action_.has_http_headers = false;
  action_.scheme = "FILE";
  EXPECT_THAT(carried(), IsEmpty());
  action_.kind = LifecycleAction::Kind::kGrpc;
  EXPECT_THAT(carried(), IsEmpty());
}

TEST_F(InnerActions, AreKnownAgain) {
  EXPECT_TRUE(is_carried({"docker", "exec", "--user=1000", "workspace_cvm", "id"}));
  const std::vector<std::vector<std::string_view>> others = {
      {},
      {"id"},
      {"docker", "exec", "--user=1000", "workspace_cvm"},
      {"docker", "exec", "--user=0", "workspace_cvm", "id"},
      {"docker", "exec", "--user=1000", "--privileged", "workspace_cvm", "id"},
      {"docker", "run", "--user=1000", "workspace_cvm", "id"},
      {"bash", "-c", "id"},
      {"bash", "-c", R"(exec 3<>"/dev/tcp/$0/$1")", "10.0.0.1", "80"},
      {"bash", "-c", R"(exec 3<>"/dev/tcp/$0/$1")", "172.19.0.2", "80;id"},
      {"curl", "--globoff", "--insecure", "--fail", "--silent", "--show-error", "--path-as-is",
       "--noproxy", "*", "--output", "/etc/passwd", "--", "http://172.19.0.2:80/"},
      {"curl", "--globoff", "--insecure", "--fail", "--silent", "--show-error", "--path-as-is",
       "--noproxy", "*", "--output", "/dev/null", "--", "http://172.19.0.2:80@10.0.0.1/"},
      {"curl", "--globoff", "--insecure", "--fail", "--silent", "--show-error", "--path-as-is",
       "--noproxy", "*", "--output", "/dev/null", "--", "file:///etc/shadow"},
  };
  for (const auto& command : others) {
    EXPECT_FALSE(is_carried_command({command.begin(), command.end()}, inner_));
  }
  EXPECT_TRUE(is_carried({"curl", "--globoff", "--insecure", "--fail", "--silent", "--show-error",
                          "--path-as-is", "--noproxy", "*", "--output", "/dev/null", "--",
                          "http://172.19.0.2:80/x@y"}));
}

}  // namespace
}  // namespace cvm
