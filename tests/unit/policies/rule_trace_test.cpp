#include "policies/rules/rule_trace.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "policies/engine.hpp"
#include "policies/profiles/profiles.hpp"
#include "policies/rules/registry.hpp"
#include "tests/unit/policies/pod_fixture.hpp"

namespace cvm {
namespace {

using cvm::testing::PodFixture;

NodeFacts traced_node(std::string name, std::string runtime = "containerd://2.0.5") {
  NodeFacts node;
  node.name = std::move(name);
  node.labels = {{"kubernetes.io/hostname", node.name}};
  node.kernel_version = "6.8.0-45-generic";
  node.os_image = "Ubuntu 24.04.1 LTS";
  node.operating_system = "linux";
  node.architecture = "amd64";
  node.kubelet_version = "v1.34.1";
  node.container_runtime = std::move(runtime);
  return node;
}

class Trace : public ::testing::Test {
 protected:
  void use(const Settings& settings, const std::vector<NodeFacts>& nodes = {}) {
    snapshot = make_snapshot(settings);
    if (!nodes.empty()) snapshot.nodes = NodeInventory::build(nodes, settings);
  }

  RuleTrace mutate() { return decide(true); }
  RuleTrace validate() { return decide(false); }

  RuleTrace decide(bool mutates) {
    RuleTrace trace;
    Scratch scratch;
    scratch.trace = TracePen(&trace);
    if (mutates) {
      cvm::mutate(pod.request, snapshot, scratch, verdict);
    } else {
      cvm::validate(pod.request, snapshot, scratch, verdict);
    }
    return trace;
  }

  static std::string why(const RuleTrace& trace, const RuleDescriptor& rule) {
    return trace.why_not_asked(rule);
  }
  static RuleUse use_of(const RuleTrace& trace, const RuleDescriptor& rule) {
    return trace.of(rule).use;
  }

  // Every rule has its word: what was found is what the verdict says, and no other.
  void expect_whole(const RuleTrace& trace, const char* call) {
    std::set<std::string_view> found;
    for (const Finding& finding : verdict.findings) found.insert(finding.rule);
    for (const RuleDescriptor* rule : all_rules()) {
      const RuleUse use = trace.of(*rule).use;
      EXPECT_EQ(use == RuleUse::kFound, found.contains(rule->id)) << call << ": " << rule->id;
      const bool is_asked = use == RuleUse::kFound || use == RuleUse::kPassed;
      EXPECT_EQ(trace.why_not_asked(*rule).empty(), is_asked) << call << ": " << rule->id;
      // "The pod was refused before" is what is said of a rule that the engine forgot.
      if (verdict.allowed) {
        EXPECT_NE(trace.of(*rule).skip, RuleSkip::kRefusedBefore) << call << ": " << rule->id;
      }
    }
  }

  PodFixture pod;
  Snapshot snapshot = make_snapshot({});
  Verdict verdict;
};

TEST_F(Trace, SaysOfEachRuleOfACreationWhatBecameOfIt) {
  use({}, {traced_node("n1")});
  RuleTrace trace = mutate();
  EXPECT_TRUE(verdict.allowed);
  expect_whole(trace, "creation");
  EXPECT_EQ(use_of(trace, rules::host_namespaces), RuleUse::kPassed);
  EXPECT_EQ(use_of(trace, rules::node_kernel), RuleUse::kPassed);
  EXPECT_EQ(why(trace, rules::gpu_cloud), "the pod requests no GPU");
  EXPECT_EQ(why(trace, rules::supervisor_access), "it judges other calls: exec, attach");
  EXPECT_EQ(why(trace, rules::profile_choice), "the settings have no profiles");
  EXPECT_EQ(why(trace, rules::user_namespace_stale), "the mode is not native");

  pod.pod.host_pid = true;
  trace = mutate();
  expect_whole(trace, "refused creation");
  EXPECT_EQ(use_of(trace, rules::host_namespaces), RuleUse::kFound);
  EXPECT_EQ(use_of(trace, rules::pod_security_privileged), RuleUse::kNotReached);
  EXPECT_EQ(why(trace, rules::pod_security_privileged),
            "it judges the final pod, and this one was refused before");
  EXPECT_EQ(why(trace, rules::unmarked_nodes), "the pod was refused before");
}

TEST_F(Trace, NamesRulesThatAreOffOrSaidByAnother) {
  Settings settings;
  settings.rules["host-namespaces"] = RuleAction::kOff;
  use(settings);
  const RuleTrace trace = validate();
  expect_whole(trace, "validation");
  EXPECT_EQ(why(trace, rules::host_namespaces), "the settings have it off (rules)");
  EXPECT_EQ(why(trace, rules::pod_security_run_as_user),
            "the settings hold pods to no such level (isolation.podSecurity)");
  EXPECT_EQ(why(trace, rules::node_kernel), "nothing is known of nodes");
  for (const PodRule* rule : pod_rules()) {
    if (rule->covered_by == nullptr || trace.of(*rule).skip != RuleSkip::kCovered) continue;
    EXPECT_EQ(why(trace, *rule),
              "rule " + std::string(rule->covered_by->descriptor.id) + " says the same and more");
  }
}

TEST_F(Trace, SaysOfAPodThatIsNoCvmThatItIsNone) {
  Settings settings;
  settings.enabled = false;
  use(settings, {traced_node("n1")});
  const RuleTrace trace = mutate();
  expect_whole(trace, "no CVM");
  for (const RuleDescriptor* rule :
       {&rules::host_namespaces.descriptor, &rules::node_kernel.descriptor,
        &rules::no_candidate_node, &rules::plan_incomplete}) {
    EXPECT_EQ(why(trace, *rule), "the pod is not to be a CVM") << rule->id;
  }
}

TEST_F(Trace, SaysThatMixedUserNamespacesAreNotAskedAboutWhereTheNodeIsChosen) {
  Settings settings;
  settings.mode = Mode::kNative;
  use(settings, {traced_node("n1"), traced_node("n2", "cri-o://1.34.0")});
  RuleTrace trace = mutate();
  expect_whole(trace, "native");
  EXPECT_NE(use_of(trace, rules::user_namespace_mixed), RuleUse::kSkipped);
  pod.pod.node_name = "n1";
  trace = mutate();
  EXPECT_TRUE(verdict.allowed);
  expect_whole(trace, "native, node chosen");
  EXPECT_EQ(use_of(trace, rules::user_namespace_mixed), RuleUse::kSkipped);
  EXPECT_EQ(why(trace, rules::user_namespace_mixed), "the pod names its node (spec.nodeName)");
  EXPECT_EQ(use_of(trace, rules::user_namespace_stale), RuleUse::kPassed);
}

TEST_F(Trace, KnowsThatNoNodeIsACandidate) {
  use({}, {traced_node("n1")});
  pod.pod.node_name = "n2";
  const RuleTrace trace = mutate();
  expect_whole(trace, "no candidate");
  EXPECT_EQ(use_of(trace, rules::no_candidate_node), RuleUse::kFound);
  EXPECT_EQ(why(trace, rules::node_kernel), "the pod may land on no node that is known");
}

TEST_F(Trace, OfBothCallsOfAnAdmissionHasWhatEitherSaid) {
  use({}, {traced_node("n1")});
  RuleTrace trace = mutate();
  trace.join(validate());  // of the pod without its plan
  EXPECT_EQ(use_of(trace, rules::plan_incomplete), RuleUse::kFound);
  EXPECT_EQ(use_of(trace, rules::pod_security_sysctls), RuleUse::kPassed);
  EXPECT_EQ(why(trace, rules::unmarked_nodes), "nodes are marked (nodes.mark)");
  RuleTrace empty;
  EXPECT_TRUE(empty.empty());
  empty.join(trace);
  EXPECT_EQ(use_of(empty, rules::plan_incomplete), RuleUse::kFound);
}

TEST_F(Trace, IsWholeForEveryOtherCall) {
  AdmissionRequest& request = pod.request;
  use({}, {traced_node("n1")});
  request.operation = Operation::kUpdate;
  request.old_pod = &pod.pod;
  expect_whole(validate(), "change");
  EXPECT_EQ(why(validate(), rules::plan_changed), "the pod is no CVM");
  request.pod = request.old_pod = nullptr;
  request.operation = Operation::kConnect;
  for (const char* subresource : {"exec", "attach", "portforward", "proxy", "log"}) {
    request.subresource = subresource;
    request.connect_container = "dev";
    expect_whole(validate(), subresource);
  }
  request.operation = Operation::kCreate;
  request.subresource = "binding";
  request.binding_node = "n1";
  expect_whole(validate(), "binding");
  KnownPods pods;
  KnownPod cvm;
  cvm.is_cvm = true;
  pods.put("workspaces", "alice-dev", cvm);
  snapshot.known_pods = std::make_shared<const KnownPods>(pods);
  RuleTrace trace = validate();
  expect_whole(trace, "binding of a CVM");
  EXPECT_EQ(use_of(trace, rules::node_kernel), RuleUse::kPassed);
  EXPECT_EQ(use_of(trace, rules::node_binding), RuleUse::kPassed);
  request.subresource = "";
  request.resource = {"apps", "v1", "deployments"};
  request.pod_template = &pod.pod;
  request.template_path = "spec.template";
  trace = validate();
  expect_whole(trace, "template");
  EXPECT_EQ(use_of(trace, rules::host_namespaces), RuleUse::kPassed);
  request.pod_template = nullptr;
  const KeyValues labels(&pod.arena);
  request.namespace_labels = request.old_namespace_labels = &labels;
  request.operation = Operation::kUpdate;
  trace = validate();
  expect_whole(trace, "namespace");
  EXPECT_EQ(use_of(trace, rules::namespace_label), RuleUse::kPassed);
  request.operation = Operation::kDelete;
  trace = validate();
  expect_whole(trace, "deletion");
  EXPECT_TRUE(why(trace, rules::namespace_label).starts_with("it judges other calls: "));
}

TEST_F(Trace, OfSettingsThatWereInForceBeforeIsOfTheseWhereTheyDecide) {
  Settings before;
  before.default_to_cvm = false;
  use({});
  snapshot.previous = std::make_shared<const Snapshot>(make_snapshot(before));
  const RuleTrace trace = validate();
  EXPECT_TRUE(verdict.allowed);
  expect_whole(trace, "by the settings before");
  EXPECT_EQ(why(trace, rules::plan_incomplete), "the pod is not to be a CVM");
}

}  // namespace
}  // namespace cvm
