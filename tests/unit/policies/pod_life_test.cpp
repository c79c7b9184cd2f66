// What happens to a pod after its creation, where it takes more than a case of a suite to show.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory_resource>

#include "policies/engine.hpp"
#include "policies/model/pod_view.hpp"
#include "policies/model/workspace.hpp"
#include "policies/profiles/profiles.hpp"
#include "tests/unit/policies/pod_fixture.hpp"

namespace cvm {
namespace {

using cvm::testing::PodFixture;
using cvm::testing::rules_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

KnownPod cvm_pod() {
  KnownPod pod;
  pod.is_cvm = true;
  pod.supervisor = kSupervisorName;
  pod.only_container = "dev";
  return pod;
}

class Connection : public ::testing::Test {
 protected:
  Connection() : snapshot(make_snapshot(Settings{})), request(&arena) {
    KnownPods pods;
    pods.put("team", "alice", cvm_pod());
    pods.put("team", "unbound", KnownPod{});
    snapshot.known_pods = std::make_shared<const KnownPods>(pods);
    snapshot.looks_up_pods = true;
    request.kind = {"", "v1", "PodExecOptions"};
    request.resource = {"", "v1", "pods"};
    request.subresource = "exec";
    request.operation = Operation::kConnect;
    request.namespace_ = "team";
    request.name = "alice";
    request.connect_container = kSupervisorName;
    request.user.username = "alice";
  }

  Verdict connect(const PodLookup* lookup = nullptr) {
    Scratch scratch;
    Verdict verdict;
    validate(request, snapshot, scratch, verdict, lookup);
    return verdict;
  }

  std::pmr::monotonic_buffer_resource arena;
  Snapshot snapshot;
  AdmissionRequest request;
};

TEST_F(Connection, ToTheSupervisorOfAKnownCvmIsRefusedAtOnce) {
  const Verdict verdict = connect();
  EXPECT_FALSE(verdict.allowed);
  EXPECT_FALSE(verdict.awaits_pod);
  EXPECT_THAT(rules_of(verdict), ElementsAre("supervisor-access"));
}

TEST_F(Connection, ToAPodThatIsNotKnownWaitsForWhatTheApiServerAnswers) {
  request.name = "new";
  const Verdict first = connect();
  EXPECT_TRUE(first.awaits_pod);
  EXPECT_FALSE(first.allowed) << "whoever does not ask refuses";
  PodLookup lookup{.outcome = PodLookup::Outcome::kFound, .pod = cvm_pod(), .failure = {}};
  EXPECT_THAT(rules_of(connect(&lookup)), ElementsAre("supervisor-access"));
  lookup.pod = KnownPod{};
  EXPECT_TRUE(connect(&lookup).allowed);
  lookup.outcome = PodLookup::Outcome::kAbsent;
  EXPECT_TRUE(connect(&lookup).allowed) << "the API server says itself that there is none";
}

TEST_F(Connection, FailsClosedWhereTheApiServerDoesNotAnswer) {
  request.name = "new";
  request.connect_container = "dev";
  const PodLookup lookup{
      .outcome = PodLookup::Outcome::kFailed, .pod = {}, .failure = "no answer in time"};
  const Verdict verdict = connect(&lookup);
  EXPECT_FALSE(verdict.allowed);
  ASSERT_THAT(rules_of(verdict), ElementsAre("pod-unknown"));
  EXPECT_THAT(verdict.findings[0].message, HasSubstr("(no answer in time); try again"));
}

TEST_F(Connection, ToAPodThatWasNoCvmIsNotDecidedByWhatIsRemembered) {
  request.name = "unbound";
  EXPECT_TRUE(connect().awaits_pod) << "the pod of that name may be another by now";
}

TEST_F(Connection, WithoutAnApiServerIsDecidedByTheNames) {
  snapshot.looks_up_pods = false;
  snapshot.known_pods = nullptr;
  EXPECT_THAT(rules_of(connect()), ElementsAre("supervisor-access"));
  request.connect_container = "dev";
  EXPECT_TRUE(connect().allowed);
  request.connect_container = "";
  EXPECT_TRUE(connect().allowed) << "the API server never chooses a sidecar";
}

TEST_F(Connection, IsNotLookedAtWhereNoRuleIsOn) {
  Settings settings;
  settings.rules["supervisor-access"] = RuleAction::kOff;
  snapshot.settings = std::make_shared<const Settings>(settings);
  snapshot.rules = std::make_shared<const ActiveRules>(settings);
  request.name = "new";
  EXPECT_TRUE(connect().allowed);
  EXPECT_FALSE(connect().awaits_pod);
}

TEST_F(Connection, OfAUserWhoMayBreakTheGlassIsTold) {
  Settings settings;
  settings.isolation.break_glass.groups = {"sre"};
  snapshot.settings = std::make_shared<const Settings>(settings);
  snapshot.rules = std::make_shared<const ActiveRules>(settings);
  EXPECT_FALSE(connect().break_glass);
  request.user.groups.push_back("sre");
  EXPECT_TRUE(connect().break_glass);
}

TEST(Findings, AreNoMoreThanSomebodyReads) {
  PodFixture fixture;
  auto& added = fixture.dev().security_context.added_capabilities;
  for (int index = 0; index < 100'000; ++index) added.push_back("BPF");
  const Verdict verdict = fixture.validate();
  EXPECT_FALSE(verdict.allowed);
  ASSERT_EQ(verdict.findings.size(), Problems::kMost + 1);
  EXPECT_THAT(verdict.findings.back().message, HasSubstr("and at least 1 more of the same kind"));
}

TEST(NamespaceChange, FailsClosedWhereItIsNotKnownWhatTheNamespaceHolds) {
  std::pmr::monotonic_buffer_resource arena;
  AdmissionRequest request(&arena);
  KeyValues before(&arena), after(&arena);
  before.push_back({kWorkspacesLabel, "enabled"});
  request.operation = Operation::kUpdate;
  request.name = "team";
  request.namespace_labels = &after;
  request.old_namespace_labels = &before;
  Snapshot snapshot = make_snapshot(Settings{});
  Scratch scratch;
  Verdict verdict;
  validate(request, snapshot, scratch, verdict);
  EXPECT_FALSE(verdict.allowed);
  EXPECT_THAT(verdict.findings.at(0).message, HasSubstr("not known yet"));
  snapshot.known_pods = std::make_shared<const KnownPods>();
  validate(request, snapshot, scratch, verdict);
  EXPECT_TRUE(verdict.allowed);
}

TEST(KnownPods, TellWhetherANamespaceHoldsCvms) {
  KnownPods pods;
  pods.put("a", "plain", KnownPod{});
  pods.put("b", "cvm", cvm_pod());
  EXPECT_FALSE(pods.has_cvm_in("a"));
  EXPECT_TRUE(pods.has_cvm_in("b"));
  EXPECT_FALSE(pods.has_cvm_in(""));
  pods.erase("b", "cvm");
  EXPECT_FALSE(pods.has_cvm_in("b"));
}

}  // namespace
}  // namespace cvm
