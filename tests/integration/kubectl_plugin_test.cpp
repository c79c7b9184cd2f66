// The binary as kubectl runs it for `kubectl cvm`: through a link kubectl-cvm.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "run_binary.hpp"

namespace cvm::webhook {
namespace {

using testing::HasSubstr;
using testing::Not;

Outcome run_plugin(const std::vector<std::string>& arguments,
                   const std::vector<std::string>& environment = {}) {
  return run_binary(arguments, "", environment, "kubectl-cvm");
}

TEST(KubectlPlugin, NamesItselfAsItIsCalled) {
  const Outcome nodes = run_plugin({"nodes", "--help"});
  EXPECT_EQ(nodes.exit_code, 0);
  EXPECT_THAT(nodes.out, HasSubstr("kubectl cvm nodes [OPTIONS]"));
  EXPECT_THAT(nodes.out, HasSubstr("\n  kubectl cvm nodes --nodes nodes.yaml"));
  EXPECT_THAT(nodes.out, Not(HasSubstr("cvm-webhook nodes")));
  EXPECT_THAT(run_plugin({"certs", "issue", "--help"}).out,
              HasSubstr("--service cvm-webhook --namespace"));
}

TEST(KubectlPlugin, KeepsTheNameOfTheProgramOtherwise) {
  const std::string help = run_binary({"nodes", "--help"}).out;
  EXPECT_THAT(help, HasSubstr("cvm-webhook nodes --nodes nodes.yaml"));
  EXPECT_THAT(help, Not(HasSubstr("kubectl cvm nodes")));
}

TEST(KubectlPlugin, ListsTheNodesOfKubectlsCluster) {
  const Outcome variable =
      run_plugin({"nodes"}, {"KUBECONFIG=absent/mine:absent/yours", "HOME=absent"});
  EXPECT_EQ(variable.exit_code, 2);
  EXPECT_THAT(variable.err, HasSubstr("absent/mine: "));
  const Outcome home = run_plugin({"nodes", "--context", "x"}, {"HOME=absent"});
  EXPECT_EQ(home.exit_code, 2);
  EXPECT_THAT(home.err, HasSubstr("absent/.kube/config: "));
}

TEST(KubectlPlugin, CompletesForKubectl) {
  const Outcome run = run_binary({"nodes", "--prof"}, "", {}, "kubectl_complete-cvm");
  EXPECT_EQ(run.exit_code, 0);
  EXPECT_EQ(run.out, "--profile\tA profile of the settings, in their place\n:4\n");
}

TEST(KubectlPlugin, ReadsAFileWhenToldTo) {
  const Outcome run =
      run_plugin({"nodes", "--nodes", "tests/data/nodes/ubuntu.yaml"}, {"KUBECONFIG=absent"});
  EXPECT_EQ(run.exit_code, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("worker-1"));
}

}  // namespace
}  // namespace cvm::webhook
