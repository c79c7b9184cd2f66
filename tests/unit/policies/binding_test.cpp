// Bindings, where it takes more than a case of a suite to show (tests/policies, `bind`), and what
// the cluster's RuntimeClass says.
#include "policies/calls/binding.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policies/calls/runtime_class.hpp"
#include "policies/model/workspace.hpp"
#include "policies/profiles/profiles.hpp"
#include "policies/scratch.hpp"
#include "tests/unit/policies/pod_fixture.hpp"

namespace cvm {
namespace {

using cvm::testing::rules_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

NodeFacts good_node(std::string name) {
  NodeFacts facts;
  facts.name = std::move(name);
  facts.os_image = "Ubuntu 24.04.1 LTS";
  facts.kernel_version = "6.8.0-45-generic";
  facts.operating_system = "linux";
  facts.architecture = "amd64";
  return facts;
}

KnownPod known_pod(std::string uid, bool is_cvm, std::vector<std::string> extended_resources = {}) {
  KnownPod pod;
  pod.uid = std::move(uid);
  pod.is_cvm = is_cvm;
  if (is_cvm) pod.supervisor = "cvm-supervisor";
  pod.extended_resources = std::move(extended_resources);
  return pod;
}

// Nodes "good" and "s390x"; pods "cvm" and "plain".
class Binding : public ::testing::Test {
 protected:
  Binding() : snapshot(make_snapshot(Settings{})) {
    NodeFacts s390x = good_node("s390x");
    s390x.architecture = "s390x";
    snapshot.nodes = NodeInventory::build({good_node("good"), s390x}, Settings{});
    KnownPods pods;
    pods.put("team", "cvm", known_pod("1", true));
    pods.put("team", "plain", known_pod("3", false));
    snapshot.known_pods = std::make_shared<const KnownPods>(pods);
  }

  Verdict bind(std::string_view pod, std::string_view node, const PodLookup* lookup = nullptr,
               std::string_view uid = "") {
    std::pmr::monotonic_buffer_resource arena;
    AdmissionRequest request(&arena);
    request.kind = {"", "v1", "Binding"};
    request.resource = {"", "v1", "pods"};
    request.subresource = "binding";
    request.namespace_ = "team";
    request.name = pod;
    request.binding_node = node;
    request.binding_uid = uid;
    Scratch scratch;
    Verdict verdict;
    validate(request, snapshot, scratch, verdict, lookup);
    return verdict;
  }

  Snapshot snapshot;
};

TEST_F(Binding, ToANodeThatIsNotKnownIsForTheApiServerToJudge) {
  const Verdict verdict = bind("cvm", "unknown");
  EXPECT_TRUE(verdict.allowed);
  EXPECT_THAT(verdict.findings, IsEmpty());
}

TEST_F(Binding, OfAPodThatIsNotKnownIsAllowedAndNoted) {
  const Verdict verdict = bind("unknown", "s390x");
  EXPECT_TRUE(verdict.allowed);
  ASSERT_THAT(rules_of(verdict), ElementsAre("node-binding"));
  EXPECT_EQ(verdict.findings[0].action, RuleAction::kAudit);
}

TEST_F(Binding, OfAPodThatIsNotKnownIsJudgedByWhatTheApiServerAnswers) {
  snapshot.looks_up_pods = true;
  const Verdict first = bind("new", "s390x");
  EXPECT_TRUE(first.awaits_pod);
  EXPECT_FALSE(first.allowed) << "whoever does not ask refuses";
  PodLookup lookup{
      .outcome = PodLookup::Outcome::kFound, .pod = known_pod("9", true), .failure = {}};
  EXPECT_THAT(rules_of(bind("new", "s390x", &lookup)),
              ElementsAre("node-binding", "node-architecture"));
  lookup.outcome = PodLookup::Outcome::kAbsent;
  EXPECT_TRUE(bind("new", "s390x", &lookup).allowed);
  lookup.outcome = PodLookup::Outcome::kFailed;
  EXPECT_FALSE(bind("new", "s390x", &lookup).allowed) << "schedulers try again";
}

TEST_F(Binding, OfAPodThatTookTheNameOfAnotherIsNotJudgedByTheOther) {
  snapshot.looks_up_pods = true;
  EXPECT_FALSE(bind("cvm", "good", nullptr, "1").awaits_pod);
  EXPECT_TRUE(bind("cvm", "good", nullptr, "another").awaits_pod);
}

TEST_F(Binding, ByTheOldPathIsJudgedAlike) {
  std::pmr::monotonic_buffer_resource arena;
  AdmissionRequest request(&arena);
  request.resource = {"", "v1", "bindings"};
  request.namespace_ = "team";
  request.name = "plain";
  request.binding_node = "good";
  KeyValues labels(&arena), annotations(&arena);
  labels.push_back({kCvmLabel, "false"});
  annotations.push_back({kPlanAnnotation, "v1:0123456789abcdef"});
  annotations.push_back({kMirrorAnnotation, "1"});
  request.binding_labels = &labels;
  request.binding_annotations = &annotations;
  Scratch scratch;
  Verdict verdict;
  validate(request, snapshot, scratch, verdict);
  EXPECT_FALSE(verdict.allowed);
  EXPECT_THAT(rules_of(verdict), ElementsAre("cvm-opt-out", "plan-changed", "mirror-pod"));
}

TEST_F(Binding, IsNotJudgedWithoutKnowledgeOfPods) {
  snapshot.known_pods = nullptr;
  EXPECT_THAT(bind("cvm", "s390x").findings, IsEmpty());
}

TEST_F(Binding, IsNotLetThroughByWhatWasKnownBeforeASettingsChange) {
  Snapshot before = snapshot;
  before.known_pods = std::make_shared<const KnownPods>();
  snapshot.previous = std::make_shared<const Snapshot>(before);
  EXPECT_FALSE(bind("cvm", "s390x").allowed);
}

TEST(KnownPods, CopiesDoNotSeeLaterChanges) {
  KnownPods pods;
  for (int i = 0; i < 500; ++i) EXPECT_TRUE(pods.put("a", std::to_string(i), known_pod("u", true)));
  EXPECT_FALSE(pods.put("a", "7", known_pod("u", true)));
  const KnownPods copy = pods;
  EXPECT_TRUE(pods.put("a", "7", known_pod("v", true, {"nvidia.com/gpu"})));
  EXPECT_TRUE(pods.erase("a", "8"));
  EXPECT_FALSE(pods.erase("a", "8"));
  EXPECT_FALSE(pods.erase("b", "9"));
  EXPECT_EQ(copy.size(), 500U);
  EXPECT_EQ(copy.find("a", "7")->uid, "u");
  EXPECT_NE(copy.find("a", "8"), nullptr);
  EXPECT_EQ(pods.size(), 499U);
  EXPECT_EQ(pods.find("a", "7")->extended_resources.size(), 1U);
  EXPECT_EQ(pods.find("a", "8"), nullptr);
}

TEST(RuntimeClass, ProblemSaysWhatToDo) {
  RuntimeClassFacts facts;
  EXPECT_EQ(runtime_class_problem(Settings{}, nullptr), "");
  EXPECT_THAT(runtime_class_problem(Settings{}, &facts),
              HasSubstr("RuntimeClass \"cvm\" does not exist"));
  facts.found = true;
  facts.handler = "crun";
  EXPECT_EQ(runtime_class_problem(Settings{}, &facts), "");
}

}  // namespace
}  // namespace cvm
