#include "policies/model/gpu_requests.hpp"

#include <gtest/gtest.h>

#include "policies/model/pod_view.hpp"
#include "policies/model/workspace.hpp"
#include "tests/unit/policies/pod_fixture.hpp"

namespace cvm {
namespace {

using testing::PodFixture;

GpuRequests of_limit(std::string_view resource, std::string_view amount) {
  PodFixture fixture;
  fixture.dev().limits.push_back({resource, amount});
  return gpu_requests(fixture.pod, {});
}

TEST(GpuRequests, KnowsEachVendorByItsResources) {
  for (const char* name : {"nvidia.com/gpu", "nvidia.com/gpu.shared", "nvidia.com/mig-1g.5gb"}) {
    EXPECT_TRUE(of_limit(name, "1").nvidia) << name;
  }
  EXPECT_TRUE(of_limit("amd.com/gpu", "1").amd);
  EXPECT_TRUE(of_limit("gpu.intel.com/i915", "1").intel);
}

TEST(GpuRequests, PassesOverOtherResourcesAndZero) {
  EXPECT_FALSE(of_limit("cpu", "4").any());
  EXPECT_FALSE(of_limit("nvidia.com/gpu", "0").any());
  EXPECT_FALSE(of_limit("nvidia.com/gpumem", "3").any());
  EXPECT_FALSE(of_limit("example.com/nvidia.com-gpu", "1").any());
}

TEST(GpuRequests, TakesAnAmountThatCannotBeReadForARequest) {
  EXPECT_TRUE(of_limit("nvidia.com/gpu", "one").nvidia);
}

TEST(GpuRequests, LooksAtRequestsAndInitContainers) {
  PodFixture fixture;
  fixture.add_container(fixture.pod.init_containers, ContainerKind::kInit, "warm-up")
      .requests.push_back({"amd.com/gpu", "1"});
  EXPECT_TRUE(gpu_requests(fixture.pod, {}).amd);
}

TEST(GpuRequests, LeavesTheSupervisorOut) {
  PodFixture fixture;
  fixture.add_container(fixture.pod.containers, ContainerKind::kRegular, kSupervisorName)
      .limits.push_back({"nvidia.com/gpu", "1"});
  EXPECT_FALSE(gpu_requests(fixture.pod, {}).any());
}

}  // namespace
}  // namespace cvm
