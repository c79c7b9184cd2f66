// Which profile decides, where it takes more than a case of a suite to show.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policies/model/pod_view.hpp"
#include "policies/model/workspace.hpp"
#include "policies/nodes/node_store.hpp"
#include "policies/profiles/profile_choice.hpp"
#include "policies/profiles/profiles.hpp"
#include "tests/unit/policies/pod_fixture.hpp"

namespace cvm {
namespace {

using cvm::testing::PodFixture;
using cvm::testing::rules_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ProfileSettings profile(std::string name, Settings settings = {}, bool by_namespace = true,
                        bool by_pod = false) {
  return {std::move(name), by_namespace, by_pod, std::move(settings)};
}

// Profile "pool" is for namespaces, "mine" for pods.
ProfiledSettings two_profiles() {
  ProfiledSettings settings;
  Settings pool, mine;
  pool.runtime_class_name = "pool";
  mine.supervisor.tun = true;
  settings.profiles = {profile("pool", pool), profile("mine", mine, false, true)};
  return settings;
}

void know_namespaces(Snapshot& snapshot, KnownNamespaces namespaces) {
  const auto known = std::make_shared<const KnownNamespaces>(std::move(namespaces));
  change_each(snapshot, [&](Snapshot& each) { each.namespaces = known; });
}

Verdict mutate_by(const PodFixture& fixture, const Snapshot& snapshot) {
  Scratch scratch;
  Verdict verdict;
  mutate(fixture.request, snapshot, scratch, verdict);
  return verdict;
}

TEST(ProfileChoice, IsNotLookedForWhereThereAreNoProfiles) {
  PodFixture fixture;
  Snapshot snapshot = make_snapshot({});
  snapshot.namespaces_awaited = true;
  EXPECT_TRUE(mutate_by(fixture, snapshot).allowed);
  EXPECT_EQ(mutate_by(fixture, snapshot).patch, fixture.mutate().patch);
  know_namespaces(snapshot, {});
  EXPECT_TRUE(mutate_by(fixture, snapshot).allowed);
}

TEST(ProfileChoice, AwaitsTheLabelsOfNamespacesWhereTheyMatter) {
  PodFixture fixture;
  Snapshot snapshot = make_snapshot(two_profiles());
  EXPECT_TRUE(mutate_by(fixture, snapshot).allowed) << "nobody can tell the labels of namespaces";

  snapshot.namespaces_awaited = true;
  const Verdict verdict = mutate_by(fixture, snapshot);
  EXPECT_FALSE(verdict.allowed);
  ASSERT_THAT(rules_of(verdict), ElementsAre("profile-choice"));
  EXPECT_THAT(verdict.findings[0].message,
              HasSubstr("the labels of namespace \"workspaces\", by which the profile of its pods "
                        "is chosen, are not known yet; try again"));

  fixture.pod.labels.push_back({kProfileLabel, "mine"});
  EXPECT_EQ(mutate_by(fixture, snapshot).profile, "mine") << "whatever the namespace says";
  fixture.pod.labels.clear();

  snapshot.namespaces_awaited = false;
  know_namespaces(snapshot, {{"other", {}}});
  EXPECT_FALSE(mutate_by(fixture, snapshot).allowed) << "the watch has not told of it yet";
  know_namespaces(snapshot, {{"workspaces", {}}});
  EXPECT_TRUE(mutate_by(fixture, snapshot).allowed);

  ProfiledSettings for_pods = two_profiles();
  for_pods.profiles.erase(for_pods.profiles.begin());
  Snapshot other = make_snapshot(for_pods);
  other.namespaces_awaited = true;
  EXPECT_TRUE(mutate_by(fixture, other).allowed) << "no label of a namespace could change it";
}

// The pod was mutated a moment before the profile went away.
TEST(ProfileChoice, IsMadeAnewByTheSettingsBefore) {
  PodFixture fixture;
  fixture.pod.labels.push_back({kProfileLabel, "mine"});
  ProfiledSettings now = two_profiles(), before = two_profiles();
  now.profiles.pop_back();
  // No plan is put into the fixture.
  before.profiles[1].settings.rules["plan-incomplete"] = RuleAction::kOff;
  Snapshot snapshot = make_snapshot(now);
  Scratch scratch;
  Verdict verdict;
  validate(fixture.request, snapshot, scratch, verdict);
  EXPECT_THAT(rules_of(verdict), ElementsAre("profile-choice"));
  snapshot.previous = std::make_shared<const Snapshot>(make_snapshot(before));
  validate(fixture.request, snapshot, scratch, verdict);
  EXPECT_TRUE(verdict.allowed);
  EXPECT_EQ(verdict.profile, "mine");
}

TEST(ProfileOf, AProfileThatIsGoneIsTheSettingsThemselves) {
  const Snapshot snapshot = make_snapshot(two_profiles());
  EXPECT_EQ(profile_of("", snapshot), &snapshot);
  EXPECT_EQ(profile_of("gone", snapshot), &snapshot);
  EXPECT_EQ(profile_of("pool", snapshot)->settings->runtime_class_name, "pool");
  const Snapshot without = make_snapshot({});
  EXPECT_EQ(profile_of("pool", without), &without);
}

TEST(ProfileOf, ACvmOfAProfileThatIsGoneStaysChangeable) {
  PodFixture before, after;
  for (PodFixture* fixture : {&before, &after}) {
    fixture->pod.annotations.push_back({kPlanAnnotation, "v1:0123456789abcdef"});
    fixture->pod.annotations.push_back({kProfileAnnotation, "gone"});
    fixture->pod.labels.push_back({kProfileLabel, "gone"});
    fixture->pod.runtime_class_name = "gone";
  }
  after.pod.labels.push_back({"team", "a"});
  after.request.operation = Operation::kUpdate;
  after.request.old_pod = &before.pod;
  Scratch scratch;
  Verdict verdict;
  validate(after.request, make_snapshot(two_profiles()), scratch, verdict);
  EXPECT_TRUE(verdict.allowed);
  EXPECT_THAT(verdict.findings, IsEmpty());
  EXPECT_EQ(verdict.profile, "");
  after.pod.host_pid = true;
  validate(after.request, make_snapshot(two_profiles()), scratch, verdict);
  EXPECT_FALSE(verdict.allowed);
}

// What a change adds to a pod that opted out is judged by the profile that its labels choose.
TEST(ProfileOf, APodThatIsNoCvmIsTheOneThatWouldBeChosen) {
  ProfiledSettings settings;
  settings.isolation.pod_security.enforce = PodSecurityLevel::kPrivileged;
  settings.profiles = {profile("strict")};
  Snapshot snapshot = make_snapshot(settings);
  PodFixture before, after;
  before.pod.labels.push_back({kCvmLabel, "false"});
  after.pod.labels.push_back({kCvmLabel, "false"});
  after.add_container(after.pod.ephemeral_containers, ContainerKind::kEphemeral, "debug")
      .security_context.proc_mount = "Unmasked";
  after.request.operation = Operation::kUpdate;
  after.request.old_pod = &before.pod;
  Scratch scratch;
  Verdict verdict;
  know_namespaces(snapshot, {{"workspaces", {}}});
  validate(after.request, snapshot, scratch, verdict);
  EXPECT_TRUE(verdict.allowed);
  know_namespaces(snapshot, {{"workspaces", {.enforced = {}, .profile = "strict"}}});
  validate(after.request, snapshot, scratch, verdict);
  EXPECT_THAT(rules_of(verdict), ElementsAre("pod-security-proc-mount"));
  EXPECT_EQ(verdict.profile, "strict");
}

NodeFacts plain_node(std::string name) {
  NodeFacts facts;
  facts.name = std::move(name);
  facts.os_image = "Ubuntu 24.04.1 LTS";  // has no shiftfs, which cached CVMs need
  facts.kernel_version = "6.8.0-45-generic";
  facts.operating_system = "linux";
  facts.architecture = "amd64";
  return facts;
}

ProfiledSettings settings_about_nodes() {
  ProfiledSettings settings;
  Settings image, cached, other_class, rules;
  image.supervisor.image = "example.com/envbox:2";
  cached.caching = true;
  other_class.runtime_class_name = "other";
  rules.rules["node-kernel"] = RuleAction::kWarn;
  settings.profiles = {profile("image", image), profile("cached", cached, true, true),
                       profile("class", other_class), profile("rules", rules)};
  return settings;
}

TEST(Profiles, GoByTheMarksOfNodesWhereTheyAreTheirOwn) {
  const Snapshot snapshot = make_snapshot(settings_about_nodes());
  const auto marks = [&](const char* name) {
    return snapshot.profiles->find(name)->snapshot->settings->nodes.mark;
  };
  EXPECT_TRUE(snapshot.settings->nodes.mark);
  EXPECT_TRUE(marks("image"));
  EXPECT_FALSE(marks("cached")) << "other nodes can host it";
  EXPECT_FALSE(marks("class")) << "its class may select other nodes";
  EXPECT_FALSE(marks("rules"));

  ProfiledSettings unmarked = settings_about_nodes();
  unmarked.nodes.mark = false;
  for (ProfileSettings& each : unmarked.profiles) each.settings.nodes.mark = false;
  EXPECT_FALSE(make_snapshot(unmarked).profiles->find("image")->snapshot->settings->nodes.mark);
}

TEST(Profiles, ShareAnInventoryWhereTheyDecideAlikeAboutNodes) {
  Snapshot snapshot = make_snapshot(settings_about_nodes());
  use_nodes(snapshot, make_catalog({plain_node("a")}));
  const auto nodes = [&](const char* name) {
    return snapshot.profiles->find(name)->snapshot->nodes;
  };
  EXPECT_EQ(nodes("image"), snapshot.nodes);
  EXPECT_EQ(nodes("class"), snapshot.nodes);
  EXPECT_NE(nodes("cached"), snapshot.nodes);
  EXPECT_THAT(snapshot.nodes->reasons(), IsEmpty());
  ASSERT_EQ(nodes("cached")->reasons().size(), 1U);
  EXPECT_EQ(nodes("cached")->reasons()[0].rule->id, "node-shiftfs");
}

TEST(Profiles, KeepTheirPodsOnTheirNodesByAnAffinity) {
  Snapshot snapshot = make_snapshot(settings_about_nodes());
  NodeFacts good = plain_node("good");
  good.labels = {{"pool", "cached"}, {"cvm-webhook.io/shiftfs", "true"}};
  use_nodes(snapshot, make_catalog({plain_node("plain"), good}));
  PodFixture fixture;
  EXPECT_THAT(mutate_by(fixture, snapshot).patch, ::testing::Not(HasSubstr("nodeAffinity")));
  fixture.pod.labels.push_back({kProfileLabel, "cached"});
  EXPECT_THAT(mutate_by(fixture, snapshot).patch, HasSubstr("nodeAffinity"));
}

TEST(Profiles, JudgeBindingsOfTheirCvms) {
  Snapshot snapshot = make_snapshot(settings_about_nodes());
  use_nodes(snapshot, make_catalog({plain_node("a")}));
  KnownPods pods;
  KnownPod pod;
  pod.is_cvm = true;
  pods.put("team", "plain", pod);
  pod.profile = "cached";
  pods.put("team", "cached", pod);
  pod.profile = "gone";
  pods.put("team", "gone", pod);
  snapshot.known_pods = std::make_shared<const KnownPods>(pods);
  const auto bind = [&](const char* name) {
    std::pmr::monotonic_buffer_resource arena;
    AdmissionRequest request(&arena);
    request.resource = {"", "v1", "pods"};
    request.subresource = "binding";
    request.namespace_ = "team";
    request.name = name;
    request.binding_node = "a";
    Scratch scratch;
    Verdict verdict;
    validate(request, snapshot, scratch, verdict);
    return verdict;
  };
  EXPECT_TRUE(bind("plain").allowed);
  EXPECT_THAT(rules_of(bind("cached")), ElementsAre("node-binding", "node-shiftfs"));
  EXPECT_THAT(bind("cached").findings[0].message, HasSubstr("bind the pod to a node that can"));
  EXPECT_TRUE(bind("gone").allowed);
}

TEST(Profiles, CannotBeAskedForByABinding) {
  const Snapshot snapshot = make_snapshot(two_profiles());
  std::pmr::monotonic_buffer_resource arena;
  AdmissionRequest request(&arena);
  KeyValues labels(&arena), annotations(&arena);
  labels.push_back({kProfileLabel, "mine"});
  annotations.push_back({kProfileAnnotation, "mine"});
  request.resource = {"", "v1", "pods"};
  request.subresource = "binding";
  request.binding_labels = &labels;
  request.binding_annotations = &annotations;
  Scratch scratch;
  Verdict verdict;
  validate(request, snapshot, scratch, verdict);
  EXPECT_THAT(rules_of(verdict), ElementsAre("plan-changed", "plan-changed"));
}

TEST(Profiles, MustBeNamedByTheFinalPod) {
  const Snapshot snapshot = make_snapshot(two_profiles());
  PodFixture fixture;
  fixture.pod.labels.push_back({kProfileLabel, "mine"});
  Scratch scratch;
  Verdict verdict;
  validate(fixture.request, snapshot, scratch, verdict);
  ASSERT_THAT(rules_of(verdict), ::testing::Each("plan-incomplete"));
  EXPECT_THAT(
      verdict.findings.back().message,
      HasSubstr("annotation \"cvm-webhook.io/profile\" that makes this pod a CVM is missing"));
}

TEST(Profiles, JudgeTemplates) {
  ProfiledSettings settings = two_profiles();
  settings.profiles[1].settings.isolation.templates = RuleAction::kDeny;
  const Snapshot snapshot = make_snapshot(settings);
  PodFixture fixture;
  fixture.request.kind = {"apps", "v1", "Deployment"};
  fixture.request.resource = {"apps", "v1", "deployments"};
  fixture.request.pod_template = &fixture.pod;
  fixture.request.pod = nullptr;
  fixture.request.template_path = "spec.template";
  fixture.pod.host_pid = true;
  const auto judge = [&](std::string_view name) {
    fixture.pod.labels.clear();
    fixture.pod.labels.push_back({kProfileLabel, name});
    Scratch scratch;
    Verdict verdict;
    validate(fixture.request, snapshot, scratch, verdict);
    return verdict;
  };
  EXPECT_TRUE(judge("").allowed);
  EXPECT_FALSE(judge("mine").allowed);
  EXPECT_EQ(judge("mine").profile, "mine");
  const Verdict other = judge("other");
  EXPECT_TRUE(other.allowed) << "templates are warned by the settings themselves";
  ASSERT_THAT(rules_of(other), ElementsAre("profile-choice"));
  EXPECT_EQ(other.findings[0].action, RuleAction::kWarn);
  EXPECT_EQ(other.findings[0].field, "spec.template.metadata.labels[cvm-webhook.io/profile]");
}

}  // namespace
}  // namespace cvm
