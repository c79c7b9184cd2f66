#include "policies/model/workspace.hpp"

#include <gtest/gtest.h>

#include "policies/model/pod_view.hpp"
#include "tests/unit/policies/pod_fixture.hpp"

namespace cvm {
namespace {

using testing::PodFixture;

struct WorkspaceContainer : ::testing::Test {
  PodFixture fixture;

  WorkspaceContainer() {
    fixture.add_container(fixture.pod.containers, ContainerKind::kRegular, "db");
    fixture.add_container(fixture.pod.containers, ContainerKind::kRegular, "web");
  }
  std::string_view chosen() { return workspace_container(fixture.pod)->name; }
};

TEST_F(WorkspaceContainer, IsTheFirstByDefault) { EXPECT_EQ(chosen(), "dev"); }

TEST_F(WorkspaceContainer, IsKubectlsDefaultBeforeTheFirst) {
  fixture.pod.annotations.push_back({kDefaultContainerAnnotation, "db"});
  EXPECT_EQ(chosen(), "db");
}

TEST_F(WorkspaceContainer, IsOurAnnotationsBeforeKubectls) {
  fixture.pod.annotations.push_back({kDefaultContainerAnnotation, "db"});
  fixture.pod.annotations.push_back({kWorkspaceContainerAnnotation, "web"});
  EXPECT_EQ(chosen(), "web");
}

TEST_F(WorkspaceContainer, PassesOverNamesOfNoContainer) {
  fixture.pod.annotations.push_back({kDefaultContainerAnnotation, "gone"});
  EXPECT_EQ(chosen(), "dev");
}

TEST_F(WorkspaceContainer, IsNeverTheSupervisor) {
  fixture.pod.containers.front().name = kSupervisorName;
  fixture.pod.annotations.push_back({kWorkspaceContainerAnnotation, kSupervisorName});
  EXPECT_EQ(chosen(), "db");
}

TEST(FieldPath, NamesTheListAndThePlace) {
  PodFixture fixture;
  auto& pod = fixture.pod;
  EXPECT_EQ(field_path(pod.containers.front()), "spec.containers[0]");
  fixture.add_container(pod.init_containers, ContainerKind::kInit, "a");
  EXPECT_EQ(field_path(fixture.add_container(pod.init_containers, ContainerKind::kInit, "b")),
            "spec.initContainers[1]");
  EXPECT_EQ(
      field_path(fixture.add_container(pod.ephemeral_containers, ContainerKind::kEphemeral, "c")),
      "spec.ephemeralContainers[0]");
}

}  // namespace
}  // namespace cvm
