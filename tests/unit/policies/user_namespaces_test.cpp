#include "policies/compatibility/user_namespaces.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "policies/model/pod_view.hpp"
#include "policies/mutations/user_namespace.hpp"
#include "policies/nodes/node_inventory.hpp"
#include "policies/profiles/profiles.hpp"
#include "tests/unit/policies/pod_fixture.hpp"

namespace cvm {
namespace {

using testing::PodFixture;

NodeFacts node(std::string runtime, std::string kubelet) {
  NodeFacts facts;
  facts.container_runtime = std::move(runtime);
  facts.kubelet_version = std::move(kubelet);
  facts.kernel_version = "6.8.0";
  facts.os_image = "Ubuntu 24.04";
  facts.architecture = "amd64";
  facts.operating_system = "linux";
  return facts;
}

std::string need_of(const NodeFacts& facts, const Compatibility& compatibility = {}) {
  const auto need = find_user_namespaces(facts, compatibility).need;
  return need ? std::string(to_string(*need)) : "unknown";
}

TEST(UserNamespaces, GoByTheRuntimeAndKubernetes) {
  EXPECT_EQ(need_of(node("containerd://2.0.5", "v1.30.0")), "hostUsers");
  EXPECT_EQ(need_of(node("containerd://2.0.5-k3s1.32", "v1.32.1+k3s1")), "hostUsers");
  EXPECT_EQ(need_of(node("containerd://v2.1.0", "v1.36.3")), "hostUsers");
  EXPECT_EQ(need_of(node("containerd://2.0.5", "v1.29.9")), "unsupported");
  EXPECT_EQ(need_of(node("containerd://2.0.4", "v1.34.0")), "unsupported");
  EXPECT_EQ(need_of(node("containerd://2.0.1", "v1.34.0")), "unsupported");
  EXPECT_EQ(need_of(node("containerd://2.0.0", "v1.34.0")), "unsupported");
  EXPECT_EQ(need_of(node("containerd://1.7.24", "v1.34.0")), "unsupported");
  EXPECT_EQ(need_of(node("cri-o://1.28.4", "v1.28.9")), "annotation");
  EXPECT_EQ(need_of(node("cri-o://1.32.4", "v1.32.9")), "annotation");
  EXPECT_EQ(need_of(node("cri-o://1.33.3", "v1.33.0")), "hostUsers");
  EXPECT_EQ(need_of(node("docker://26.1.0", "v1.34.0")), "unsupported");
}

TEST(UserNamespaces, HoldNothingAgainstANodeThatDoesNotSay) {
  EXPECT_EQ(need_of(node("", "v1.34.0")), "unknown");
  EXPECT_EQ(need_of(node("", "")), "unknown");
}

TEST(UserNamespaces, CannotBeTrustedWhereTheTextCannotBeRead) {
  for (const char* text : {"containerd", "containerd://", "containerd://x", "://", "?"}) {
    EXPECT_EQ(need_of(node(text, "v1.34.0")), "unsupported") << text;
  }
  EXPECT_EQ(need_of(node("containerd://2.0.5", "")), "unsupported");
}

TEST(UserNamespaces, GoByTheHandlerButForKnownBugs) {
  const auto with = [](const char* runtime, const char* kubelet, bool says,
                       const char* handler = "sysbox-runc") {
    NodeFacts facts = node(runtime, kubelet);
    facts.runtime_handlers[handler] = says;
    return need_of(facts);
  };
  EXPECT_EQ(with("containerd://2.0.5", "v1.34.0", false), "unsupported");
  EXPECT_EQ(with("containerd://2.0.5", "v1.34.0", false, ""), "unsupported");
  EXPECT_EQ(with("containerd://2.0.5", "v1.34.0", false, "runc"), "hostUsers");
  EXPECT_EQ(with("containerd://2.0.4", "v1.34.0", true), "unsupported");
  EXPECT_EQ(with("containerd://1.7.30", "v1.34.0", true), "hostUsers");
  EXPECT_EQ(with("other://1.0.0", "v1.34.0", true), "hostUsers");
  EXPECT_EQ(with("cri-o://1.33.3", "v1.33.0", false), "unsupported");
  // The handler does not say that the API server keeps the field.
  EXPECT_EQ(with("cri-o://1.32.3", "v1.32.0", true), "annotation");
}

TEST(UserNamespaces, GoByTheSettingsFirst) {
  Compatibility compatibility;
  UserNamespaceRow row;
  row.runtime = "containerd";
  row.from = VersionNumber{2, 0, 4};
  row.below = VersionNumber{2, 0, 5};
  row.need = UserNamespaceNeed::kHostUsers;
  compatibility.user_namespaces.push_back(row);
  EXPECT_EQ(need_of(node("containerd://2.0.4", "v1.34.0"), compatibility), "hostUsers");
  EXPECT_EQ(need_of(node("containerd://2.0.3", "v1.34.0"), compatibility), "unsupported");
  compatibility.user_namespaces[0].kubernetes_below = VersionNumber{1, 33};
  EXPECT_EQ(need_of(node("containerd://2.0.4", "v1.34.0"), compatibility), "unsupported");
}

TEST(UserNamespaces, HaveARowForEveryVersionOfARuntimeAndOneOnly) {
  for (const char* runtime : {"containerd", "cri-o"}) {
    for (std::uint32_t minor = 0; minor < 40; ++minor) {
      const NodeFacts facts =
          node(std::string(runtime) + "://" + (minor < 20 ? "2.0." : "1.") + std::to_string(minor),
               "v1." + std::to_string(minor) + ".0");
      EXPECT_NE(need_of(facts), "unknown");
    }
  }
  EXPECT_TRUE(std::all_of(user_namespace_table().begin(), user_namespace_table().end(),
                          [](const UserNamespaceSupport& row) {
                            return row.reason.empty() ==
                                   (row.need != UserNamespaceNeed::kUnsupported);
                          }));
}

TEST(UserNamespaces, AreTakenFromTheUserWhereCrioChoosesThem) {
  for (const char* mode : {"auto", "auto:size=65536", "auto:size=131072"}) {
    EXPECT_TRUE(gives_user_namespace(mode)) << mode;
  }
  for (const char* mode :
       {"", "host", "private", "auto:", "auto:size=", "auto:size=1024", "auto:size=65536x",
        "auto:size=-1", "auto:size=99999999999", "auto:size=65536;uidmapping=0:0:65536",
        "auto:keep-id", "private:uidmapping=0:0:65536"}) {
    EXPECT_FALSE(gives_user_namespace(mode)) << mode;
  }
}

class NativePlan : public ::testing::Test {
 protected:
  NativePlan() { settings_.mode = Mode::kNative; }

  Snapshot snapshot(std::vector<NodeFacts> nodes) const {
    Snapshot snapshot = make_snapshot(settings_);
    for (std::size_t each = 0; each < nodes.size(); ++each) {
      nodes[each].name = "n" + std::to_string(each);
    }
    snapshot.nodes = NodeInventory::build(nodes, *snapshot.settings);
    return snapshot;
  }

  static NodeFacts containerd() { return node("containerd://2.0.5", "v1.32.0"); }
  static NodeFacts crio() { return node("cri-o://1.32.0", "v1.32.0"); }

  Verdict validate(const Snapshot& snapshot) {
    Scratch scratch;
    Verdict verdict;
    cvm::validate(fixture_.request, snapshot, scratch, verdict);
    return verdict;
  }

  // As the plan makes it, but for what gives it a user namespace.
  void make_cvm() {
    fixture_.pod.runtime_class_name = settings_.runtime_class_name;
    Scratch scratch;
    Verdict verdict;
    cvm::mutate(fixture_.request, snapshot({containerd()}), scratch, verdict);
    const std::string key = R"("cvm-webhook.io/plan":")";
    plan_ = verdict.patch.substr(verdict.patch.find(key) + key.size(), 19);
    fixture_.pod.has_annotations = true;
    fixture_.pod.annotations.push_back({kPlanAnnotation, plan_});
  }

  Settings settings_;
  PodFixture fixture_;
  std::string plan_;
};

TEST_F(NativePlan, IsWholeWithWhatSomeCandidateNeeds) {
  make_cvm();
  EXPECT_FALSE(validate(snapshot({containerd(), crio()})).allowed) << "it has neither";
  fixture_.pod.host_users = false;
  EXPECT_TRUE(validate(snapshot({containerd()})).allowed);
  EXPECT_TRUE(validate(snapshot({containerd(), crio()})).allowed);
  EXPECT_FALSE(validate(snapshot({crio()})).allowed);
  EXPECT_TRUE(validate(snapshot({})).allowed) << "no candidate, so nothing is known";
  fixture_.pod.host_users.reset();
  fixture_.pod.annotations.push_back({kUsernsModeAnnotation, kUsernsMode});
  EXPECT_TRUE(validate(snapshot({crio()})).allowed);
  EXPECT_FALSE(validate(snapshot({containerd()})).allowed);
  fixture_.pod.host_users = false;
  EXPECT_FALSE(validate(snapshot({containerd(), crio()})).allowed) << "it has both";
}

TEST_F(NativePlan, SaysWhatMayHaveDroppedTheField) {
  make_cvm();
  const Verdict verdict = validate(snapshot({containerd()}));
  ASSERT_EQ(verdict.findings.size(), 1U);
  EXPECT_EQ(verdict.findings[0].field, "spec.hostUsers");
  EXPECT_NE(verdict.findings[0].message.find("UserNamespacesSupport"), std::string::npos);
}

TEST_F(NativePlan, NeedsTheClass) {
  make_cvm();
  fixture_.pod.host_users = false;
  fixture_.pod.runtime_class_name = "";
  const Verdict verdict = validate(snapshot({containerd()}));
  ASSERT_EQ(verdict.findings.size(), 1U);
  EXPECT_EQ(verdict.findings[0].field, "spec.runtimeClassName");
}

}  // namespace
}  // namespace cvm
