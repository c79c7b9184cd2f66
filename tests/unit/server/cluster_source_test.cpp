// Which cluster a server asks, and as whom.
#include "webhook/server/cluster_source.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>

namespace cvm::webhook {
namespace {

TEST(ClusterSource, AServerRunsNoCredentialPlugins) {
  std::string directory = testing::TempDir() + "cvm-cluster-source-XXXXXX";
  ASSERT_NE(::mkdtemp(directory.data()), nullptr);
  ServeOptions options;
  options.kubeconfig_file = directory + "/config";
  std::ofstream(options.kubeconfig_file)
      << "current-context: x\n"
         "clusters: [{name: a, cluster: {server: 'https://127.0.0.1:1'}}]\n"
         "contexts: [{name: x, context: {cluster: a, user: u}}]\n"
         "users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, "
         "interactiveMode: Never, command: touch, args: ["
      << directory << "/ran]}}}]\n";
  try {
    cluster_access(options);
    ADD_FAILURE() << "it was taken";
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(error.what(), options.kubeconfig_file +
                                ": users[u].user.exec: a server runs no credential plugins; use a "
                                "token, tokenFile or client-certificate (kubectl create token "
                                "makes one for a service account)");
  }
  EXPECT_FALSE(std::filesystem::exists(directory + "/ran"));
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace cvm::webhook
