#include "policies/nodes/node_store.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace cvm {
namespace {

NodeFacts node_in_zone(const std::string& name, const std::string& zone = "a") {
  NodeFacts facts;
  facts.name = name;
  facts.labels = {{"kubernetes.io/hostname", name}, {"zone", zone}};
  facts.kernel_version = "6.8.0-45-generic";
  return facts;
}

std::size_t classes_in_use(const NodeCatalog& catalog) {
  return static_cast<std::size_t>(std::count_if(catalog.counts.begin(), catalog.counts.end(),
                                                [](std::uint32_t count) { return count > 0; }));
}

TEST(NodeStore, KeepsEqualNodesAsOneClass) {
  NodeStore store;
  EXPECT_TRUE(store.put(node_in_zone("one")));
  EXPECT_TRUE(store.put(node_in_zone("two")));
  EXPECT_TRUE(store.put(node_in_zone("three", "b")));
  const auto catalog = store.catalog();
  EXPECT_EQ(catalog->size, 3U);
  EXPECT_EQ(classes_in_use(*catalog), 2U);
  EXPECT_EQ(catalog->find("one")->node_class, catalog->find("two")->node_class);
  EXPECT_NE(catalog->find("one")->node_class, catalog->find("three")->node_class);
  EXPECT_EQ(catalog->find("four"), nullptr);
  const NodeFacts& facts = *(*catalog->classes)[catalog->find("one")->node_class];
  EXPECT_EQ(facts.name, "");
  EXPECT_EQ(facts.labels.size(), 1U) << "the host name is the node's own";
}

TEST(NodeStore, SaysWhetherAFactChanged) {
  NodeStore store;
  store.put(node_in_zone("one"));
  EXPECT_FALSE(store.put(node_in_zone("one"))) << "a heartbeat";
  EXPECT_TRUE(store.put(node_in_zone("one", "b")));
  NodeFacts renamed = node_in_zone("one", "b");
  renamed.labels["kubernetes.io/hostname"] = "another";
  EXPECT_TRUE(store.put(renamed));
  EXPECT_EQ(store.catalog()->unlike_names[0], 1U);
  EXPECT_TRUE(store.put(node_in_zone("one", "b")));
  EXPECT_EQ(store.catalog()->unlike_names[0], 0U);
  EXPECT_FALSE(store.erase("two"));
  EXPECT_TRUE(store.erase("one"));
  EXPECT_EQ(store.size(), 0U);
  EXPECT_EQ(classes_in_use(*store.catalog()), 0U);
}

TEST(NodeStore, LeavesCatalogsAsTheyWere) {
  NodeStore store;
  store.put(node_in_zone("one"));
  const auto before = store.catalog();
  store.put(node_in_zone("one", "b"));
  store.put(node_in_zone("two", "c"));
  EXPECT_EQ(before->size, 1U);
  EXPECT_EQ(before->find("two"), nullptr);
  EXPECT_EQ((*before->classes)[before->find("one")->node_class]->labels.at("zone"), "a");
  const auto after = store.catalog();
  EXPECT_EQ((*after->classes)[after->find("one")->node_class]->labels.at("zone"), "b");
}

TEST(NodeStore, SharesWhatDidNotChange) {
  NodeStore store;
  for (int i = 0; i < 2000; ++i)
    store.put(node_in_zone("n" + std::to_string(i), i % 2 == 0 ? "a" : "b"));
  const auto before = store.catalog();
  store.put(node_in_zone("n0", "b"));
  const auto after = store.catalog();
  EXPECT_EQ(before->classes, after->classes) << "no class is new";
  std::size_t copied = 0;
  for (std::size_t shard = 0; shard < NodeCatalog::kShards; ++shard) {
    if (before->shards[shard] != after->shards[shard]) ++copied;
  }
  EXPECT_EQ(copied, 1U);
}

TEST(NodeStore, ErasesWhatAListDoesNotHave) {
  NodeStore store;
  store.put(node_in_zone("one"));
  store.put(node_in_zone("two"));
  store.begin_list();
  store.put(node_in_zone("one"));
  store.begin_list();  // the first try failed
  store.put(node_in_zone("two"));
  store.put(node_in_zone("three"));
  EXPECT_TRUE(store.end_list());
  const auto catalog = store.catalog();
  EXPECT_EQ(catalog->size, 2U);
  EXPECT_EQ(catalog->find("one"), nullptr);
  store.begin_list();
  store.put(node_in_zone("two"));
  store.put(node_in_zone("three"));
  EXPECT_FALSE(store.end_list());
}

TEST(NodeStore, FindsLabelsThatAreTheNodesOwn) {
  NodeStore store;
  for (int i = 0; i < 5000; ++i) {
    NodeFacts facts = node_in_zone("n" + std::to_string(i));
    facts.labels["example.com/serial"] = "s" + std::to_string(i);
    facts.labels["example.com/rack"] = std::to_string(i % 3);
    store.put(facts);
  }
  const auto catalog = store.catalog();
  ASSERT_EQ(catalog->own_keys.size(), 2U);
  EXPECT_EQ(catalog->own_keys[1], "example.com/serial");
  EXPECT_EQ(classes_in_use(*catalog), 3U);
  EXPECT_EQ(catalog->unlike_names[0], 0U);
  EXPECT_EQ(catalog->unlike_names[1], 5000U);
  EXPECT_EQ(catalog->find("n4321")->own[1].value, "s4321");
}

TEST(NodeStore, BearsNodesThatAreAllDifferent) {
  NodeStore store;
  for (int i = 0; i < 3000; ++i) {
    NodeFacts facts = node_in_zone("n" + std::to_string(i));
    facts.kernel_version = "6.8.0-" + std::to_string(i);
    store.put(facts);
  }
  EXPECT_EQ(classes_in_use(*store.catalog()), 3000U);
}

TEST(NodeStore, UsesThePlacesOfClassesThatWentAway) {
  NodeStore store;
  for (int i = 0; i < 5000; ++i) store.put(node_in_zone("one", std::to_string(i)));
  const auto catalog = store.catalog();
  EXPECT_EQ(classes_in_use(*catalog), 1U);
  EXPECT_LT(catalog->classes->size(), 600U);
  EXPECT_EQ((*catalog->classes)[catalog->find("one")->node_class]->labels.at("zone"), "4999");
}

}  // namespace
}  // namespace cvm
