#include "policies/model/host_directories.hpp"

#include <gtest/gtest.h>

namespace cvm {
namespace {

TEST(NormalPath, LeavesOutWhatDoesNotMatter) {
  EXPECT_EQ(normal_path("/"), "/");
  EXPECT_EQ(normal_path(""), "/");
  EXPECT_EQ(normal_path("//var///lib/"), "/var/lib");
  EXPECT_EQ(normal_path("/var/./lib/."), "/var/lib");
  EXPECT_EQ(normal_path("/opt/../var/lib/docker/.."), "/var/lib");
  EXPECT_EQ(normal_path("/../../var"), "/var");
}

TEST(HostDirectory, IsItselfAndAllAbove) {
  for (const char* path : {"/", "/usr", "/usr/src", "/usr/src/", "/lib", "/usr/lib/modules", "/var",
                           "/var/lib", "/var/lib/kubelet", "/run", "/x/../var/run", "//usr//src",
                           "/usr/src/linux", "/var/lib/kubelet/pods", "/run/containerd",
                           "/etc/kubernetes", "/var/lib/docker/volumes/x"}) {
    EXPECT_TRUE(holds_host_directory(path)) << path;
  }
  for (const char* path : {"/mnt/disks/a", "/var/lib/rancher/k3s/storage", "/va", "/usrs/src",
                           "/home", "/var/lib/dockers", "/opt/local-path-provisioner"}) {
    EXPECT_FALSE(holds_host_directory(path)) << path;
  }
}

}  // namespace
}  // namespace cvm
