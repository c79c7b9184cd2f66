// Bindings, and what the cluster's RuntimeClass says.
#include "policies/calls/binding.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policies/calls/runtime_class.hpp"
#include "policies/model/workspace.hpp"
#include "tests/unit/policies/pod_fixture.hpp"

namespace cvm {
namespace {

using cvm::testing::rules_of;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::PodFixture;

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

// Nodes "good", "s390x" and "cloud", which can host CVMs without a GPU only; pods "cvm", "gpu" and
// "plain".
class Binding : public ::testing::Test {
 protected:
  Binding() : snapshot(make_snapshot(Settings{})) {
    NodeFacts s390x = good_node("s390x"), cloud = good_node("cloud");
    s390x.architecture = "s390x";
    s390x.taints.push_back({"dedicated", "x", "NoExecute"});
    cloud.provider_id = "aws:///eu-west-1a/i-0abc";
    snapshot.nodes = NodeInventory::build({good_node("good"), s390x, cloud}, Settings{});
    KnownPods pods;
    pods.put("team", "cvm", known_pod("1", true));
    pods.put("team", "gpu", known_pod("2", true, {"cpu.example.com/x", "nvidia.com/gpu"}));
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

TEST_F(Binding, TakesGpusFromTheSettings) {
  KnownPods pods;
  pods.put("team", "cvm", known_pod("1", true, {"example.com/accelerator"}));
  snapshot.known_pods = std::make_shared<const KnownPods>(pods);
  EXPECT_TRUE(bind("cvm", "cloud").allowed);
  Settings settings;
  settings.compatibility.gpus = {{"example.com/*", GpuVendor::kNvidia}};
  snapshot.settings = std::make_shared<const Settings>(settings);
  EXPECT_FALSE(bind("cvm", "cloud").allowed);
}

TEST_F(Binding, OfACvmToANodeThatCannotHostItIsRefusedWithTheReason) {
  const Verdict verdict = bind("cvm", "s390x");
  EXPECT_FALSE(verdict.allowed);
  EXPECT_TRUE(verdict.is_cvm);
  EXPECT_THAT(rules_of(verdict), ElementsAre("node-binding", "node-architecture"));
  EXPECT_THAT(verdict.findings[0].message, HasSubstr("node \"s390x\" cannot host this CVM"));
}

TEST_F(Binding, ToANodeThatCanHostItIsAllowed) {
  for (const char* node : {"good", "cloud", "unknown"}) {
    const Verdict verdict = bind("cvm", node);
    EXPECT_TRUE(verdict.allowed) << node;
    EXPECT_THAT(verdict.findings, IsEmpty()) << node;
  }
}

TEST_F(Binding, OfAGpuPodIsHeldToMore) {
  const Verdict verdict = bind("gpu", "cloud");
  EXPECT_FALSE(verdict.allowed);
  EXPECT_THAT(rules_of(verdict), ElementsAre("node-binding", "gpu-cloud"));
  EXPECT_THAT(verdict.findings[0].message, HasSubstr("cvm-webhook.io/cvm-gpu=true"));
  EXPECT_TRUE(bind("gpu", "good").allowed);
}

TEST_F(Binding, OfAPodThatIsNoCvmIsNotLookedAt) {
  const Verdict verdict = bind("plain", "s390x");
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

TEST_F(Binding, OfACvmWhoseClaimBecameADirectoryOfTheNodeIsRefused) {
  KnownPods pods;
  KnownPod pod = known_pod("1", true);
  pod.claims = {"data"};
  pods.put("team", "cvm", pod);
  snapshot.known_pods = std::make_shared<const KnownPods>(pods);
  EXPECT_TRUE(bind("cvm", "good").allowed);
  HostVolumes volumes;
  volumes.put("team", "data", "/var/lib/");
  snapshot.host_volumes = std::make_shared<const HostVolumes>(volumes);
  EXPECT_THAT(rules_of(bind("cvm", "good")), ElementsAre("host-volume"));
  HostVolumes harmless;
  harmless.put("team", "data", "/var/lib/rancher/k3s/storage/pvc-1");
  snapshot.host_volumes = std::make_shared<const HostVolumes>(harmless);
  EXPECT_TRUE(bind("cvm", "good").allowed);
}

TEST_F(Binding, MayNotSayWhatThePodIs) {
  std::pmr::monotonic_buffer_resource arena;
  AdmissionRequest request(&arena);
  request.resource = {"", "v1", "bindings"};  // the old path
  request.namespace_ = "team";
  request.name = "plain";
  request.binding_node = "good";
  KeyValues labels(&arena), annotations(&arena);
  labels.push_back({kCvmLabel, "false"});
  labels.push_back({"app", "other"});
  annotations.push_back({kPlanAnnotation, "v1:0123456789abcdef"});
  annotations.push_back({kSupervisorAnnotation, "other"});
  annotations.push_back({kMirrorAnnotation, "1"});
  annotations.push_back({"note", "x"});
  request.binding_labels = &labels;
  request.binding_annotations = &annotations;
  Scratch scratch;
  Verdict verdict;
  validate(request, snapshot, scratch, verdict);
  EXPECT_FALSE(verdict.allowed);
  EXPECT_THAT(rules_of(verdict),
              ElementsAre("cvm-opt-out", "plan-changed", "plan-changed", "mirror-pod"));
  Settings settings;
  settings.workspace_selector.requirements = {{"app", LabelOperator::kIn, {"dev"}}};
  snapshot.settings = std::make_shared<const Settings>(settings);
  validate(request, snapshot, scratch, verdict);
  EXPECT_THAT(rules_of(verdict), ElementsAre("cvm-opt-out", "cvm-opt-out", "plan-changed",
                                             "plan-changed", "mirror-pod"));
}

TEST_F(Binding, IsNotJudgedWithoutKnowledgeOfPodsOrNodes) {
  const auto pods = std::exchange(snapshot.known_pods, nullptr);
  EXPECT_THAT(bind("cvm", "s390x").findings, IsEmpty());
  snapshot.known_pods = pods;
  snapshot.nodes = nullptr;
  EXPECT_TRUE(bind("cvm", "s390x").allowed);
}

TEST_F(Binding, IsNotLetThroughByWhatWasKnownBeforeASettingsChange) {
  Snapshot before = snapshot;
  before.known_pods = std::make_shared<const KnownPods>();
  snapshot.previous = std::make_shared<const Snapshot>(before);
  EXPECT_FALSE(bind("cvm", "s390x").allowed);
}

TEST_F(Binding, RuleSwitchedOffIsOffForBindingsToo) {
  Settings settings;
  settings.rules["node-architecture"] = RuleAction::kOff;
  NodeFacts s390x = good_node("s390x");
  s390x.architecture = "s390x";
  snapshot.nodes = NodeInventory::build({s390x}, settings);
  EXPECT_TRUE(bind("cvm", "s390x").allowed);
}

TEST_F(Binding, NodeNameAtCreationIsJudgedAsWell) {
  PodFixture fixture;
  Scratch scratch;
  Verdict verdict;
  fixture.pod.node_name = "s390x";
  // kubectl's way past the scheduler is past taints too, but for NoExecute.
  Toleration every;
  every.op = "Exists";
  fixture.pod.tolerations.push_back(every);
  mutate(fixture.request, snapshot, scratch, verdict);
  EXPECT_FALSE(verdict.allowed);
  EXPECT_THAT(rules_of(verdict), ElementsAre("no-compatible-node", "node-architecture"));
  fixture.pod.node_name = "good";
  mutate(fixture.request, snapshot, scratch, verdict);
  EXPECT_TRUE(verdict.allowed);
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

TEST(RuntimeClass, OfSysboxRefusesCvmsWithTheReason) {
  PodFixture fixture;
  Snapshot snapshot = make_snapshot(Settings{});
  const auto judged_with = [&](RuntimeClassFacts facts) {
    snapshot.runtime_class = std::make_shared<const RuntimeClassFacts>(std::move(facts));
    Scratch scratch;
    Verdict verdict;
    mutate(fixture.request, snapshot, scratch, verdict);
    return verdict;
  };
  RuntimeClassFacts facts{.found = true, .handler = "runc", .node_selector = {}, .tolerations = {}};
  EXPECT_TRUE(judged_with(facts).allowed);
  facts.handler = "sysbox-runc";
  const Verdict refused = judged_with(facts);
  EXPECT_FALSE(refused.allowed);
  EXPECT_THAT(rules_of(refused), ElementsAre("runtime-class-handler"));
  EXPECT_THAT(refused.findings[0].message, HasSubstr("is sysbox-runc, under which"));
  // The API server itself refuses a pod whose class does not exist.
  EXPECT_TRUE(judged_with({}).allowed);
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
