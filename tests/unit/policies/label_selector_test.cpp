#include "policies/model/label_selector.hpp"

#include <gtest/gtest.h>

namespace cvm {
namespace {

KeyValues labels(std::initializer_list<KeyValue> entries) { return KeyValues(entries); }

TEST(LabelSelector, SelectsEveryPodWithoutRequirements) {
  EXPECT_TRUE(LabelSelector{}.matches(labels({})));
  EXPECT_TRUE(LabelSelector{}.matches(labels({{"app", "web"}})));
}

TEST(LabelSelector, InTakesListedValuesOfAPresentKey) {
  const LabelSelector selector{{{"app", LabelOperator::kIn, {"web", "dev"}}}};
  EXPECT_TRUE(selector.matches(labels({{"app", "dev"}})));
  EXPECT_FALSE(selector.matches(labels({{"app", "db"}})));
  EXPECT_FALSE(selector.matches(labels({{"other", "dev"}})));
}

TEST(LabelSelector, NotInTakesPodsThatLackTheKey) {
  const LabelSelector selector{{{"app", LabelOperator::kNotIn, {"web"}}}};
  EXPECT_TRUE(selector.matches(labels({})));
  EXPECT_TRUE(selector.matches(labels({{"app", "dev"}})));
  EXPECT_FALSE(selector.matches(labels({{"app", "web"}})));
}

TEST(LabelSelector, ExistsTakesAnEmptyValue) {
  const LabelSelector exists{{{"app", LabelOperator::kExists, {}}}};
  const LabelSelector lacks{{{"app", LabelOperator::kDoesNotExist, {}}}};
  EXPECT_TRUE(exists.matches(labels({{"app", ""}})));
  EXPECT_FALSE(lacks.matches(labels({{"app", ""}})));
  EXPECT_FALSE(exists.matches(labels({})));
  EXPECT_TRUE(lacks.matches(labels({})));
}

TEST(LabelSelector, HoldsOnlyWhenEveryRequirementDoes) {
  const LabelSelector selector{
      {{"app", LabelOperator::kIn, {"dev"}}, {"team", LabelOperator::kDoesNotExist, {}}}};
  EXPECT_TRUE(selector.matches(labels({{"app", "dev"}})));
  EXPECT_FALSE(selector.matches(labels({{"app", "dev"}, {"team", "a"}})));
}

}  // namespace
}  // namespace cvm
