#include "policies/engine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policies/model/pod_view.hpp"
#include "policies/model/workspace.hpp"
#include "policies/profiles/profiles.hpp"
#include "policies/rules/rules.hpp"
#include "tests/unit/policies/allocation_count.hpp"
#include "tests/unit/policies/pod_fixture.hpp"

namespace cvm {
namespace {

using cvm::testing::rules_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::PodFixture;

void expect_untouched(const Verdict& verdict) {
  EXPECT_TRUE(verdict.allowed);
  EXPECT_FALSE(verdict.is_cvm);
  EXPECT_THAT(verdict.findings, IsEmpty());
  EXPECT_THAT(verdict.patch, IsEmpty());
}

TEST(Engine, MakesACvmOfAWorkspaceByDefault) {
  PodFixture fixture;
  const Verdict verdict = fixture.mutate();
  EXPECT_TRUE(verdict.allowed);
  EXPECT_TRUE(verdict.is_cvm);
  EXPECT_THAT(verdict.patch, HasSubstr("/spec/runtimeClassName"));
}

TEST(Engine, LeavesPodsAloneThatOptOut) {
  PodFixture fixture;
  fixture.pod.labels.push_back({kCvmLabel, "false"});
  fixture.pod.share_process_namespace = true;
  expect_untouched(fixture.mutate());
  expect_untouched(fixture.validate());
}

TEST(Engine, WantsOptInWhereCvmsAreNotTheDefault) {
  Settings settings;
  settings.default_to_cvm = false;
  PodFixture fixture;
  expect_untouched(fixture.mutate(settings));
  fixture.pod.labels.push_back({kCvmLabel, "true"});
  EXPECT_TRUE(fixture.mutate(settings).is_cvm);
}

TEST(Engine, LeavesPodsAloneThatTheSelectorDoesNotSelect) {
  Settings settings;
  settings.workspace_selector = {{{"app", LabelOperator::kIn, {"workspace"}}}};
  PodFixture fixture;
  fixture.pod.labels.push_back({kCvmLabel, "true"});
  expect_untouched(fixture.mutate(settings));
}

TEST(Engine, RefusesWhoAsksForACvmWhileTheyAreDisabled) {
  Settings settings;
  settings.enabled = false;
  PodFixture fixture;
  fixture.pod.host_network = true;
  expect_untouched(fixture.mutate(settings));
  fixture.pod.labels.push_back({kCvmLabel, "true"});
  const Verdict verdict = fixture.mutate(settings);
  EXPECT_FALSE(verdict.allowed);
  EXPECT_THAT(rules_of(verdict), ElementsAre("cvm-disabled"));
}

TEST(Engine, RefusesALabelThatSaysNeitherAlsoWhereCvmsAreNotTheDefault) {
  Settings settings;
  settings.default_to_cvm = false;
  PodFixture fixture;
  fixture.pod.labels.push_back({kCvmLabel, "yes"});
  const Verdict verdict = fixture.mutate(settings);
  EXPECT_FALSE(verdict.allowed);
  EXPECT_FALSE(verdict.is_cvm);
  EXPECT_THAT(rules_of(verdict), ElementsAre("cvm-label"));
}

TEST(Engine, AllowsEveryCallButTheCreationOfAPod) {
  PodFixture fixture;
  fixture.pod.host_network = true;
  for (Operation operation : {Operation::kUpdate, Operation::kDelete, Operation::kConnect}) {
    fixture.request.operation = operation;
    expect_untouched(fixture.mutate());
    expect_untouched(fixture.validate());
  }
  fixture.request.operation = Operation::kCreate;
  fixture.request.subresource = "binding";
  expect_untouched(fixture.mutate());
  fixture.request.subresource = "";
  fixture.request.resource.resource = "deployments";
  expect_untouched(fixture.mutate());
  fixture.request.resource.resource = "pods";
  fixture.request.pod = nullptr;
  expect_untouched(fixture.mutate());
}

TEST(Engine, GivesARefusedPodEveryFindingAndNoPatch) {
  PodFixture fixture;
  fixture.pod.host_network = true;
  fixture.pod.share_process_namespace = true;
  fixture.dev().security_context.privileged = true;
  const Verdict verdict = fixture.mutate();
  EXPECT_FALSE(verdict.allowed);
  EXPECT_TRUE(verdict.is_cvm);
  EXPECT_THAT(verdict.patch, IsEmpty());
  EXPECT_THAT(rules_of(verdict),
              ElementsAre("host-namespaces", "shared-process-namespace", "privileged-workspace"));
}

TEST(Engine, FollowsTheSettingsActionOfARule) {
  PodFixture fixture;
  fixture.pod.host_network = true;
  Settings settings;
  settings.rules["host-namespaces"] = RuleAction::kWarn;
  const Verdict warned = fixture.mutate(settings);
  EXPECT_TRUE(warned.allowed);
  EXPECT_THAT(rules_of(warned), ElementsAre("host-namespaces"));
  settings.rules["host-namespaces"] = RuleAction::kOff;
  EXPECT_THAT(fixture.mutate(settings).findings, IsEmpty());
}

TEST(Engine, RefusesAPodWithoutContainers) {
  PodFixture fixture;
  fixture.pod.containers.clear();
  const Verdict verdict = fixture.mutate();
  EXPECT_FALSE(verdict.allowed);
  EXPECT_THAT(rules_of(verdict), ElementsAre("workspace-container"));
}

TEST(Engine, ClearsWhatTheLastDecisionLeftBehind) {
  PodFixture fixture;
  const Snapshot snapshot = make_snapshot({});
  Scratch scratch;
  Verdict verdict;
  fixture.pod.host_network = true;
  mutate(fixture.request, snapshot, scratch, verdict);
  ASSERT_FALSE(verdict.allowed);
  fixture.pod.host_network = false;
  mutate(fixture.request, snapshot, scratch, verdict);
  EXPECT_TRUE(verdict.allowed);
  EXPECT_THAT(verdict.findings, IsEmpty());
  fixture.request.operation = Operation::kDelete;
  mutate(fixture.request, snapshot, scratch, verdict);
  expect_untouched(verdict);
}

// What the worst of decisions may leave: a refusal with all that a verdict can carry.
void leave_a_refusal(Scratch& scratch, Verdict& verdict) {
  verdict.is_cvm = verdict.break_glass = verdict.awaits_pod = true;
  verdict.add(rules::tmp_mount, RuleAction::kDeny, "left", "spec");
  verdict.patch = "[]";
  verdict.profile = "left";
  scratch.problems.push_back({"left", "spec"});
  scratch.candidates.total = 3;
}

TEST(Engine, LetsNothingOfARefusalIntoTheNextDecisionWhicheverCallItIs) {
  PodFixture fixture;
  AdmissionRequest& request = fixture.request;
  const Snapshot snapshot = make_snapshot({});
  const auto expect_nothing_left = [&](const char* call) {
    Scratch scratch;
    Verdict verdict;
    for (const auto& decide : {+[](const AdmissionRequest& asked, const Snapshot& by, Scratch& work,
                                   Verdict& out) { mutate(asked, by, work, out); },
                               +[](const AdmissionRequest& asked, const Snapshot& by, Scratch& work,
                                   Verdict& out) { validate(asked, by, work, out); }}) {
      Scratch fresh_scratch;
      Verdict fresh;
      decide(request, snapshot, fresh_scratch, fresh);
      leave_a_refusal(scratch, verdict);
      decide(request, snapshot, scratch, verdict);
      EXPECT_EQ(verdict.allowed, fresh.allowed) << call;
      EXPECT_EQ(verdict.is_cvm, fresh.is_cvm) << call;
      EXPECT_EQ(verdict.break_glass, fresh.break_glass) << call;
      EXPECT_EQ(verdict.awaits_pod, fresh.awaits_pod) << call;
      EXPECT_EQ(verdict.patch, fresh.patch) << call;
      EXPECT_EQ(verdict.profile, fresh.profile) << call;
      EXPECT_EQ(rules_of(verdict), rules_of(fresh)) << call;
      EXPECT_FALSE(verdict.profile == "left" || verdict.patch == "[]") << call;
    }
  };
  expect_nothing_left("creation");
  request.old_pod = &fixture.pod;
  request.operation = Operation::kUpdate;
  expect_nothing_left("change");
  request.operation = Operation::kDelete;
  expect_nothing_left("deletion");
  request.pod = request.old_pod = nullptr;
  request.operation = Operation::kConnect;
  request.subresource = "exec";
  request.connect_container = "dev";
  expect_nothing_left("connection");
  request.operation = Operation::kCreate;
  request.subresource = "binding";
  request.binding_node = "n1";
  expect_nothing_left("binding");
  request.subresource = "";
  request.resource = {"apps", "v1", "deployments"};
  request.pod_template = &fixture.pod;
  request.template_path = "spec.template";
  expect_nothing_left("template");
  request.pod_template = nullptr;
  const KeyValues labels(&fixture.arena);
  request.namespace_labels = request.old_namespace_labels = &labels;
  request.operation = Operation::kUpdate;
  expect_nothing_left("namespace");
}

TEST(Engine, ValidatesThatThePlanIsThereAndNamesEachMissingPart) {
  PodFixture fixture;
  const Verdict verdict = fixture.validate();
  EXPECT_FALSE(verdict.allowed);
  EXPECT_THAT(
      rules_of(verdict),
      ElementsAre("plan-incomplete", "plan-incomplete", "plan-incomplete", "plan-incomplete",
                  "plan-incomplete", "plan-incomplete", "plan-incomplete", "plan-incomplete"));
  EXPECT_THAT(verdict.findings[0].field, "spec.runtimeClassName");
  EXPECT_THAT(verdict.findings[1].message, HasSubstr("cvm-supervisor"));
  EXPECT_THAT(verdict.findings[2].message, HasSubstr("cvm-usr-src"));
  EXPECT_THAT(verdict.findings[3].message, HasSubstr("cvm-lib-modules"));
  EXPECT_THAT(verdict.findings[4].message, HasSubstr("cvm-sysbox"));
  EXPECT_THAT(verdict.findings[5].message, HasSubstr("cvm-cache"));
  EXPECT_THAT(verdict.findings[6].message, HasSubstr("cvm-no-token"));
  EXPECT_THAT(verdict.findings[7].message, HasSubstr("cvm-webhook.io/plan"));
}

// The settings became `now` while admissions that began under `before` were under way.
Snapshot changed(Settings before, Settings now) {
  Snapshot snapshot = make_snapshot(std::move(now));
  snapshot.previous = std::make_shared<const Snapshot>(make_snapshot(std::move(before)));
  return snapshot;
}

TEST(Engine, ValidatesByTheSettingsThatWereInForceWhenThePodWasMutated) {
  Settings before;
  before.default_to_cvm = false;
  PodFixture fixture;
  Scratch scratch;
  Verdict verdict;
  validate(fixture.request, make_snapshot({}), scratch, verdict);
  EXPECT_FALSE(verdict.allowed);
  validate(fixture.request, changed(before, {}), scratch, verdict);
  expect_untouched(verdict);
}

TEST(Engine, GivesTheReasonsOfTheNewSettingsWhereBothRefuse) {
  Settings now;
  now.rules["host-namespaces"] = RuleAction::kOff;
  now.isolation.pod_security.enforce = PodSecurityLevel::kPrivileged;
  PodFixture fixture;
  fixture.pod.host_network = true;
  fixture.pod.share_process_namespace = true;
  Scratch scratch;
  Verdict verdict;
  validate(fixture.request, changed({}, now), scratch, verdict);
  EXPECT_FALSE(verdict.allowed);
  EXPECT_THAT(rules_of(verdict), ElementsAre("shared-process-namespace"));
}

TEST(Engine, DoesNotMutateByThePreviousSettings) {
  Settings before;
  before.rules["host-namespaces"] = RuleAction::kOff;
  PodFixture fixture;
  fixture.pod.host_network = true;
  Scratch scratch;
  Verdict verdict;
  mutate(fixture.request, changed(before, {}), scratch, verdict);
  EXPECT_FALSE(verdict.allowed);
  before.default_to_cvm = false;
  mutate(fixture.request, changed(before, {}), scratch, verdict);
  EXPECT_FALSE(verdict.allowed);
}

NodeFacts node_with_kernel(std::string name, std::string kernel) {
  NodeFacts node;
  node.name = std::move(name);
  node.labels = {{"kubernetes.io/hostname", node.name}};
  node.kernel_version = std::move(kernel);
  node.os_image = "Ubuntu 24.04.1 LTS";
  node.operating_system = "linux";
  node.architecture = "amd64";
  node.kubelet_version = "v1.34.1";
  return node;
}

Verdict mutate_among(PodFixture& fixture, const Settings& settings, std::vector<NodeFacts> nodes,
                     bool stale) {
  Snapshot snapshot = make_snapshot(settings);
  snapshot.nodes = NodeInventory::build(nodes, settings);
  snapshot.nodes_stale = stale;
  Scratch scratch;
  Verdict verdict;
  mutate(fixture.request, snapshot, scratch, verdict);
  return verdict;
}

TEST(Engine, SaysThatWhatIsKnownOfNodesIsOldAsTheSettingsWant) {
  PodFixture fixture;
  const std::vector<NodeFacts> nodes = {node_with_kernel("good", "6.8.0-45-generic")};
  Settings settings;
  const Verdict warned = mutate_among(fixture, settings, nodes, true);
  EXPECT_TRUE(warned.allowed);
  EXPECT_THAT(rules_of(warned), ElementsAre("nodes-stale"));
  EXPECT_EQ(warned.findings[0].action, RuleAction::kWarn);
  EXPECT_THAT(warned.findings[0].message, HasSubstr("older than 300 seconds"));
  EXPECT_THAT(mutate_among(fixture, settings, nodes, false).findings, IsEmpty());

  settings.nodes.stale_action = UnknownAction::kAllow;
  EXPECT_THAT(mutate_among(fixture, settings, nodes, true).findings, IsEmpty());
  settings.nodes.stale_action = UnknownAction::kDeny;
  const Verdict refused = mutate_among(fixture, settings, nodes, true);
  EXPECT_FALSE(refused.allowed);
  EXPECT_THAT(refused.patch, IsEmpty());
}

TEST(Engine, StillRefusesOnStaleNodesThatCannotHostCvms) {
  PodFixture fixture;
  const Verdict verdict =
      mutate_among(fixture, {}, {node_with_kernel("old", "6.2.0-1-generic")}, true);
  EXPECT_FALSE(verdict.allowed);
  EXPECT_THAT(rules_of(verdict), ElementsAre("nodes-stale", "no-compatible-node", "node-kernel"));
}

TEST(Engine, WarnsOfAReasonOnlyWhereEveryUsableNodeHasIt) {
  PodFixture fixture;
  Settings settings;
  settings.rules["node-kernel"] = RuleAction::kWarn;
  const NodeFacts good = node_with_kernel("good", "6.8.0-45-generic");
  const NodeFacts old = node_with_kernel("old", "6.2.0-1-generic");
  EXPECT_THAT(mutate_among(fixture, settings, {good, old}, false).findings, IsEmpty());
  const Verdict warned = mutate_among(fixture, settings, {old}, false);
  EXPECT_TRUE(warned.allowed);
  EXPECT_THAT(rules_of(warned), ElementsAre("node-kernel"));

  // A node that is refused for another reason does not count.
  NodeFacts foreign = good;
  foreign.name = "foreign";
  foreign.architecture = "s390x";
  EXPECT_THAT(rules_of(mutate_among(fixture, settings, {foreign, old}, false)),
              ElementsAre("node-kernel"));
}

TEST(Engine, AllocatesNothingOnTheSecondAdmission) {
  PodFixture fixture;
  const Snapshot snapshot = [] {
    const Settings settings;
    Snapshot made = make_snapshot(settings);
    made.nodes = NodeInventory::build({node_with_kernel("good", "6.8.0-45-generic")}, settings);
    return made;
  }();
  Scratch scratch;
  Verdict verdict;
  mutate(fixture.request, snapshot, scratch, verdict);
  const std::size_t before = testing::allocation_count();
  mutate(fixture.request, snapshot, scratch, verdict);
  EXPECT_EQ(testing::allocation_count(), before);
  EXPECT_TRUE(verdict.allowed);
}

TEST(Engine, DoesNotAddASecondSupervisorWhereTheNameIsTaken) {
  PodFixture fixture;
  fixture.add_container(fixture.pod.containers, ContainerKind::kRegular, kSupervisorName);
  Settings settings;
  settings.rules["reserved-name"] = RuleAction::kOff;
  const Verdict verdict = fixture.mutate(settings);
  EXPECT_FALSE(verdict.allowed);
  EXPECT_THAT(rules_of(verdict), ElementsAre("plan-incomplete"));
  EXPECT_THAT(verdict.patch, IsEmpty());
}

}  // namespace
}  // namespace cvm
