// What a snapshot's profiles know of the cluster.
#include "webhook/server/snapshot_keeper.hpp"

#include <gtest/gtest.h>

#include "policies/nodes/node_store.hpp"
#include "policies/profiles/profiles.hpp"

namespace cvm::webhook {
namespace {

const auto now = std::chrono::steady_clock::now();

ProfiledSettings settings_with(const std::string& profile, const std::string& runtime_class) {
  ProfiledSettings settings;
  ProfileSettings one;
  one.name = profile;
  one.settings.runtime_class_name = runtime_class;
  settings.profiles.push_back(one);
  return settings;
}

const Snapshot& profile_in(const Snapshot& snapshot, const char* name = "pool") {
  return *snapshot.profiles->find(name)->snapshot;
}

std::shared_ptr<const RuntimeClassFacts> runtime_class(std::string handler) {
  RuntimeClassFacts facts;
  facts.found = true;
  facts.handler = std::move(handler);
  return std::make_shared<const RuntimeClassFacts>(facts);
}

void expect_same_knowledge(const Snapshot& one, const Snapshot& other) {
  EXPECT_EQ(one.known_pods, other.known_pods);
  EXPECT_EQ(one.looks_up_pods, other.looks_up_pods);
  EXPECT_EQ(one.namespaces, other.namespaces);
  EXPECT_EQ(one.namespaces_awaited, other.namespaces_awaited);
  EXPECT_EQ(one.host_volumes, other.host_volumes);
}

class ProfilesOfKeeper : public testing::Test {
 protected:
  ProfilesOfKeeper() { keeper.use_settings(settings_with("pool", "pool-class"), now); }

  const Snapshot& current() const { return *keeper.current(); }

  int published = 0;
  SnapshotKeeper keeper{[this](const std::shared_ptr<const Snapshot>&) { ++published; }};
};

TEST_F(ProfilesOfKeeper, KnowWhatIsKnownOfTheCluster) {
  keeper.await_nodes();
  keeper.await_namespaces();
  keeper.look_up_pods();
  EXPECT_TRUE(profile_in(current()).nodes_awaited);
  EXPECT_TRUE(profile_in(current()).namespaces_awaited);
  EXPECT_TRUE(profile_in(current()).looks_up_pods);
  keeper.use_nodes(make_catalog({NodeFacts{}}));
  keeper.use_known_pods(std::make_shared<const KnownPods>());
  keeper.use_namespaces(std::make_shared<const KnownNamespaces>());
  keeper.use_host_volumes(std::make_shared<const HostVolumes>());
  keeper.set_nodes_age(std::chrono::hours(1));
  expect_same_knowledge(current(), profile_in(current()));
  EXPECT_FALSE(current().namespaces_awaited);
  EXPECT_NE(profile_in(current()).known_pods, nullptr);
  EXPECT_EQ(profile_in(current()).nodes, current().nodes);
  EXPECT_TRUE(profile_in(current()).nodes_stale);
  EXPECT_FALSE(profile_in(current()).nodes_awaited);

  keeper.use_settings(settings_with("other", "cvm"), now);
  expect_same_knowledge(current(), profile_in(current(), "other"));
  EXPECT_NE(profile_in(current(), "other").nodes, nullptr);
  EXPECT_TRUE(profile_in(current(), "other").nodes_stale);
}

TEST_F(ProfilesOfKeeper, AreKeptWithTheSettingsBefore) {
  keeper.use_settings(settings_with("other", "cvm"), now);
  ASSERT_NE(current().previous, nullptr);
  keeper.use_known_pods(std::make_shared<const KnownPods>());
  keeper.use_namespaces(std::make_shared<const KnownNamespaces>());
  const Snapshot& before = profile_in(*current().previous);
  EXPECT_EQ(before.settings->runtime_class_name, "pool-class");
  expect_same_knowledge(current(), before);
  EXPECT_EQ(before.previous, nullptr);
}

TEST_F(ProfilesOfKeeper, HaveTheirOwnRuntimeClass) {
  const auto find = [](const std::string& name) {
    return name == "pool-class" ? runtime_class("crun") : runtime_class("runc");
  };
  published = 0;
  keeper.use_runtime_classes(find);
  EXPECT_EQ(published, 1);
  EXPECT_EQ(current().runtime_class->handler, "runc");
  EXPECT_EQ(profile_in(current()).runtime_class->handler, "crun");
  keeper.use_runtime_classes(find);
  EXPECT_EQ(published, 1) << "nothing changed";

  // The settings take over what is known of the class that they name now.
  ProfiledSettings settings = settings_with("pool", "new-class");
  settings.runtime_class_name = "pool-class";
  keeper.use_settings(settings, now);
  EXPECT_EQ(current().runtime_class->handler, "crun");
  EXPECT_EQ(profile_in(current()).runtime_class, nullptr);
}

TEST_F(ProfilesOfKeeper, TakeOverWhatIsWorkedOutOfNodes) {
  ProfiledSettings settings = settings_with("pool", "cvm");
  settings.profiles[0].settings.caching = true;
  keeper.use_settings(settings, now);
  NodeStore store;
  NodeFacts node;
  node.name = "a";
  store.put(node);
  keeper.use_nodes(store.catalog());
  const auto before = profile_in(current()).nodes;
  EXPECT_NE(before, current().nodes);
  node.name = "b";
  store.put(node);
  keeper.use_nodes(store.catalog());
  EXPECT_EQ(profile_in(current()).nodes->size(), 2U);
  EXPECT_EQ(profile_in(current()).nodes->reasons().data(), before->reasons().data())
      << "the same classes of nodes: the same verdicts";
}

}  // namespace
}  // namespace cvm::webhook
