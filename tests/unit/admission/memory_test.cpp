// What the handler does with memory: none of it per request once warm, and no failure to get some
// is a crash or an admission. Every allocation of this binary goes through the operators below.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <string>

#include "policies/nodes/node_inventory.hpp"
#include "policies/profiles/profiles.hpp"
#include "tests/unit/admission/review_support.hpp"
#include "webhook/admission/admission_handler.hpp"

namespace {

std::size_t allocations = 0;
std::size_t allocations_left = SIZE_MAX;  // before memory runs out
bool ran_out = false;

void* take(std::size_t size, std::size_t alignment) {
  ++allocations;
  if (allocations_left == 0) {
    ran_out = true;
    throw std::bad_alloc();
  }
  if (allocations_left != SIZE_MAX) --allocations_left;
  void* const memory =
      alignment <= alignof(std::max_align_t)
          ? std::malloc(size)
          : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t size) { return take(size, 1); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return take(size, static_cast<std::size_t>(alignment));
}
// Without these, a sanitizer would have its own, whose memory cannot be given to free().
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  try {
    return take(size, 1);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void* operator new[](std::size_t size) { return take(size, 1); }
void* operator new[](std::size_t size, const std::nothrow_t& nothrow) noexcept {
  return operator new(size, nothrow);
}
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace cvm::webhook {
namespace {

NodeFacts ubuntu_node(const std::string& name) {
  NodeFacts node;
  node.name = name;
  node.labels = {{"kubernetes.io/arch", "amd64"}, {"kubernetes.io/os", "linux"}};
  node.kernel_version = "6.8.0-31-generic";
  node.os_image = "Ubuntu 24.04 LTS";
  node.operating_system = "linux";
  node.architecture = "amd64";
  node.container_runtime = "containerd://1.7.12";
  node.kubelet_version = "v1.33.1";
  return node;
}

Snapshot cluster() {
  Snapshot snapshot = make_snapshot({});
  std::vector<NodeFacts> nodes;
  for (int i = 0; i < 100; ++i) nodes.push_back(ubuntu_node("n" + std::to_string(i)));
  snapshot.nodes = NodeInventory::build(nodes, *snapshot.settings);
  return snapshot;
}

TEST(Memory, IsNotAllocatedForAnAdmissionOnceWarm) {
  const Snapshot snapshot = cluster();
  AdmissionHandler handler;
  std::string out;
  for (const char* name : {"01-mutate-pod-create-minimal", "05-mutate-pod-create-workspace",
                           "08-validate-pod-update-labels", "16-validate-deployment-create"}) {
    const Body body(read_recording(name));
    Decision decision;
    for (int call = 0; call < 3; ++call) {
      out.clear();
      allocations = 0;
      decision = handler.handle(Endpoint::kMutate, body.view(), snapshot, out);
      if (call == 2) {
        EXPECT_EQ(allocations, 0U) << name;
      }
    }
    EXPECT_EQ(decision.code, 200U) << out;
  }
}

// Calls the handler again and again, each time with one allocation more before memory runs out,
// until it had enough. Counts how these calls were answered.
struct Faults {
  int refusals = 0;  // AdmissionReviews
  int errors = 0;    // one line of text: the review was not open yet
};

Faults faults_of(std::string_view text, const Snapshot& snapshot) {
  const Body body(text);
  Faults faults;
  for (std::size_t granted = 0; granted < 10'000; ++granted) {
    AdmissionHandler handler;
    std::string out;
    out.reserve(64 << 10);
    ran_out = false;
    allocations_left = granted;
    const Decision decision = handler.handle(Endpoint::kMutate, body.view(), snapshot, out);
    allocations_left = SIZE_MAX;
    if (!ran_out) return faults;

    const unsigned http = decision.http_status;
    const Answer answer = read_answer(http, out);
    EXPECT_EQ(decision.code, 500U);
    EXPECT_FALSE(decision.allowed);
    EXPECT_EQ(decision.verdict, nullptr);
    EXPECT_EQ(decision.error, "std::bad_alloc");
    if (http == 200) {
      ++faults.refusals;
      EXPECT_EQ(answer.response["allowed"], false);
      EXPECT_EQ(answer.response["status"]["code"], 500);
      EXPECT_EQ(answer.response["status"]["reason"], "InternalError");
      EXPECT_EQ(answer.response["status"]["message"], "internal error");
    } else {
      ++faults.errors;
      EXPECT_EQ(http, 500U);
      EXPECT_EQ(answer.text, "internal error\n");
    }
    // The handler serves on.
    EXPECT_EQ(
        ask(handler, Endpoint::kMutate, read_recording("01-mutate-pod-create-minimal"), snapshot)
            .response["allowed"],
        true);
  }
  ADD_FAILURE() << "the handler never had enough memory";
  return faults;
}

// Rules, inventory, decoder and encoder all need memory, and its lack is the one exception that can
// come from any of them.
TEST(Memory, ThatRunsOutInTheDecisionIsARefusalThatNamesTheReview) {
  const Snapshot snapshot = cluster();
  EXPECT_GT(faults_of(read_recording("05-mutate-pod-create-workspace"), snapshot).refusals, 0);
  EXPECT_GT(faults_of(read_recording("02-mutate-pod-create-reinvoked"), snapshot).refusals, 5);
}

TEST(Memory, ThatRunsOutBeforeTheReviewIsOpenIsAnErrorInOneLine) {
  nlohmann::json review = nlohmann::json::parse(read_recording("01-mutate-pod-create-minimal"));
  review["request"]["options"]["long"] = std::string(200'000, 'x');  // the parser has to grow
  EXPECT_GT(faults_of(review.dump(), cluster()).errors, 0);
}

TEST(Memory, ThatRunsOutWhileSayingWhatIsWrongIsNotAnAdmission) {
  const Faults faults = faults_of("[", make_snapshot({}));
  EXPECT_EQ(faults.refusals, 0);
  EXPECT_GT(faults.errors, 0);
}

}  // namespace
}  // namespace cvm::webhook
