#include "policies/model/extended_requests.hpp"

#include <gtest/gtest.h>

#include <utility>

#include "policies/model/pod_view.hpp"
#include "tests/unit/policies/pod_fixture.hpp"

namespace cvm {
namespace {

using testing::PodFixture;

constexpr std::string_view kGpu = "nvidia.com/gpu";
constexpr std::string_view kFpga = "example.com/fpga";

using Requests = std::vector<std::pair<std::string_view, std::int64_t>>;

Requests requests_of(const PodView& pod) {
  std::vector<ExtendedRequest> found = {{"left/over", 1, 1}};
  extended_requests(pod, found);
  Requests requests;
  for (const ExtendedRequest& each : found) requests.emplace_back(each.resource, each.largest);
  return requests;
}

Container& add_init(PodFixture& fixture, std::string_view name, std::string_view amount) {
  Container& container =
      fixture.add_container(fixture.pod.init_containers, ContainerKind::kInit, name);
  container.requests.push_back({kGpu, amount});
  return container;
}

TEST(ExtendedRequests, AreThoseOfADomainThatIsNotKubernetes) {
  EXPECT_TRUE(is_extended_resource("nvidia.com/gpu"));
  EXPECT_FALSE(is_extended_resource("notkubernetes.io/x"));
  for (const char* name : {"cpu", "memory", "hugepages-2Mi", "kubernetes.io/batch-cpu",
                           "attachable-volumes-aws-ebs", "node.kubernetes.io/x"}) {
    EXPECT_FALSE(is_extended_resource(name)) << name;
  }
}

TEST(ExtendedRequests, AddUpOverContainers) {
  PodFixture fixture;
  fixture.dev().requests.push_back({"cpu", "4"});
  fixture.dev().requests.push_back({kGpu, "1"});
  Container& other =
      fixture.add_container(fixture.pod.containers, ContainerKind::kRegular, "other");
  other.requests.push_back({kGpu, "2"});
  other.requests.push_back({kFpga, "1"});
  EXPECT_EQ(requests_of(fixture.pod), (Requests{{kGpu, 3}, {kFpga, 1}}));
}

TEST(ExtendedRequests, TakeALimitForARequestThatIsNotThere) {
  PodFixture fixture;
  fixture.dev().limits.push_back({kGpu, "2"});
  EXPECT_EQ(requests_of(fixture.pod), (Requests{{kGpu, 2}}));
}

TEST(ExtendedRequests, LeaveOutZeroAndWhatIsNoQuantity) {
  PodFixture fixture;
  fixture.dev().requests.push_back({kGpu, "0"});
  fixture.dev().requests.push_back({kFpga, "one"});
  EXPECT_TRUE(requests_of(fixture.pod).empty());
}

TEST(ExtendedRequests, TakeTheLargestInitContainerForAMinimum) {
  PodFixture fixture;
  fixture.dev().requests.push_back({kGpu, "1"});
  add_init(fixture, "first", "4");
  add_init(fixture, "second", "2");
  EXPECT_EQ(requests_of(fixture.pod), (Requests{{kGpu, 4}}));
}

TEST(ExtendedRequests, CountSidecarsBesideWhatRunsAfterThem) {
  PodFixture fixture;
  fixture.dev().requests.push_back({kGpu, "1"});
  add_init(fixture, "before", "5");
  add_init(fixture, "sidecar", "2").restart_policy = "Always";
  EXPECT_EQ(requests_of(fixture.pod), (Requests{{kGpu, 5}}));
  add_init(fixture, "after", "4");
  EXPECT_EQ(requests_of(fixture.pod), (Requests{{kGpu, 6}}));
}

}  // namespace
}  // namespace cvm
